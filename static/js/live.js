/* News for the page. One stream per browser: the tab that holds the lock listens and tells the others.
   A signal is only a name ("ticket-42"); elements ask the ordinary address again with
   hx-trigger="live:ticket-42 from:body, live:poll from:body". Where there is no stream, `live:poll` comes every 15 seconds. */

const POLL_EVERY = 15_000;
const url = document.querySelector('meta[name="live-url"]')?.content;
// A chat's stream and the desk's know different topics: each has tabs of its own.
const tabs = new BroadcastChannel(`live ${url}`);

function tell(topic, id) {
  document.body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail: { id } }));
}

function share(topic, id) {
  tell(topic, id);
  tabs.postMessage({ topic, id });
}

tabs.onmessage = ({ data }) => tell(data.topic, data.id);

function listen() {
  const stream = new EventSource(url);
  let polling = 0;
  stream.onopen = () => {
    clearInterval(polling);
    polling = 0;
    document.documentElement.dataset.live = "leader"; // tests wait for this
  };
  stream.addEventListener("signal", ({ data, lastEventId }) => share(data, lastEventId));
  stream.onerror = () => {
    document.documentElement.dataset.live = "polling";
    polling ||= setInterval(() => share("poll", ""), POLL_EVERY);
    // Refused (503: the server has no stream left), so the browser will not try again by itself.
    if (stream.readyState === EventSource.CLOSED)
      setTimeout(() => (clearInterval(polling), listen()), POLL_EVERY * 4);
  };
}

if (url) {
  // The lock is held until this tab goes; then the next one in line becomes the listener.
  if (navigator.locks) navigator.locks.request(`live ${url}`, () => new Promise(listen));
  else listen();
}
