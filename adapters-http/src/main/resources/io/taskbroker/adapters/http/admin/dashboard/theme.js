// Before the first paint, so that nothing flashes.
try {
  const theme = localStorage.getItem('taskbroker.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* a browser that keeps nothing */ }
