// The connection to the server: comes back by itself, and asks again for what was on its way.
const LONGEST_WAIT_MS = 4000;

export class Link {
  // handlers: open(), message(object), picture(video, frame, bytes), closed(why)
  constructor(handlers) {
    this.handlers = handlers;
    this.failures = 0;
    this.socket = null;
  }

  connect() {
    const socket = new WebSocket(`ws://${location.host}/label`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.failures = 0;
      this.socket = socket;
      this.handlers.open();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.handlers.message(JSON.parse(data));
      else this.picture(data);
    };
    socket.onclose = ({ code }) => {
      this.socket = null;
      this.failures += 1;
      this.handlers.closed(code === 1001 ? "Ended" : "Not connected");
      setTimeout(() => this.connect(), Math.min(LONGEST_WAIT_MS, 250 * 2 ** this.failures));
    };
  }

  picture(data) {
    const head = new DataView(data, 0, 8);
    this.handlers.picture(head.getUint32(0), head.getUint32(4), new Uint8Array(data, 8));
  }

  // Returns whether it was sent: what was not must not look as if it were done.
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }
}
