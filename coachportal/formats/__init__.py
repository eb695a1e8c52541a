"""How dates are written, where a language's own form in Django is not ours."""
