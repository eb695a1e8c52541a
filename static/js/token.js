// Newer than the page made it when the person signed in again in another tab.
export const newestToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
