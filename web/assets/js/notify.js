// The worker of a number's page: it has notifications shown on telephones that take
// them from a worker only, and leads back to the page when one is touched. It fetches
// nothing, keeps nothing, and receives nothing from anywhere.
self.addEventListener("notificationclick", (e) => {
  const { url } = e.notification.data;
  e.notification.close();
  e.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const page = pages.find((p) => p.url.split("?")[0] === url.split("?")[0]);
    return page ? page.focus() : self.clients.openWindow(url);
  }));
});
