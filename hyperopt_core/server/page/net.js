// The server's side of the page. A report has none: its data is in the file.

const PREFIX = "/api/v1/page";

/** An answer that is not what was asked for. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Ask the server; returns its JSON. Throws `Refused`. */
export async function ask(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  let response;
  try {
    response = await fetch(PREFIX + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused(0, "the server does not answer");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.message ?? `the server says ${response.status}`);
  return answer;
}

/**
 * Hand each change of a sweep after `seq` to `take`; `state` is told "live" or "lost", `refused` of an error that waiting
 * does not mend. Returns how to end it.
 */
export function follow(sweep, seq, take, state, refused) {
  let source = null;
  let timer = null;
  let last = seq;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    source = new EventSource(`${PREFIX}/sweeps/${sweep}/events?since=${last}`);
    source.onopen = () => state("live");
    source.onmessage = (event) => {
      const changes = JSON.parse(event.data);
      last = changes.seq;
      take(changes);
    };
    source.onerror = () => {
      state("lost");
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(again, 2000); // else it tries again by itself
    };
  };
  const again = () => ask("/sweeps").then(open, (error) => refused(error) || (timer = setTimeout(again, 2000)));
  // A browser holds few connections to a server: those of tabs that nobody sees would keep others waiting.
  const look = () => {
    close();
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    close();
  };
}
