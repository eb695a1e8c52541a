"""A filmed mannequin whose truth is known: films and exact numbers for the demo, the tests and the sweeps.

It proves the arithmetic and the gates, not the pose model on real people.

    scene.py     what is filmed, and how: every knob, checked
    stride.py    when each foot lands and leaves, and how the pelvis rises and falls between
    leg.py       one leg from the planted foot upwards, and through the swing
    figure.py    the whole body in space, and its key points in the picture
    camera.py    from space to picture
    drawing.py   a body of shaded, rounded shapes in a plain room
    truth.py     the exact numbers of a scene, as JSON
    film.py      the film file and the truth beside it
    command.py   `python -m engine film`
"""
