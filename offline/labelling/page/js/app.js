// Joins the connection, the player, the timeline and the keys.
import { Film } from "./film.js";
import { listen } from "./keys.js";
import { Link } from "./link.js";
import * as panel from "./panel.js";
import { Player } from "./player.js";
import { Tape } from "./tape.js";
import { Timeline } from "./timeline.js";

const get = (id) => document.getElementById(id);
const state = { hello: null, tape: null, points: [], steps: 0, others: 0, saying: 0 };
const picture = get("picture");
const pen = picture.getContext("2d");

const link = new Link({
  open: () => {},
  message: (news) => NEWS[news.type]?.(news),
  picture: (video, frame, bytes) => film.take(video, frame, bytes),
  closed: (why) => {
    film.forget();
    panel.showSaved("lost", `${why}: nothing can be marked`);
  },
});
const film = new Film((video, frame) => link.send({ type: "frame", video, frame }), () => {});
const player = new Player(film, show, () => panel.showPlaying(player.playing));
const timeline = new Timeline(get("timeline"), (time_s) => {
  if (state.tape?.count) player.go(state.tape.nearest(time_s));
});

const NEWS = {
  hello(news) {
    const before = state.hello;
    state.hello = news;
    panel.showVideos(news.videos);
    takePoints(news);
    panel.showSaved("live", `Saved to ${news.out}`);
    const same = before && JSON.stringify(before.videos) === JSON.stringify(news.videos);
    const number = same ? state.tape.number : remembered(news.videos);
    open(number, same ? player.shown : null);
  },
  times(news) {
    if (news.video !== state.tape?.number) return;
    const fresh = state.tape.count === 0;
    state.tape.takeTimes(news);
    if (state.resume !== null && state.resume < state.tape.count) {
      player.due = state.resume;
      state.resume = null;
    }
    if (fresh || news.done) renderPoints();
    refresh();
  },
  scores(news) {
    if (news.video !== state.tape?.number) return;
    state.tape.takeScores(news);
    refresh();
  },
  points(news) {
    takePoints(news);
    say(news.said);
    if (news.where && news.said.startsWith("undone")) visit(...news.where);
  },
  refused({ why }) {
    say(why);
    panel.showSaved("lost", why);
  },
  absent({ video, frame, why }) {
    film.absent(video, frame);
    if (frame === player.due) say(why);
  },
};

function open(number, frame) {
  const about = state.hello.videos[number];
  state.tape = new Tape(about, number);
  state.resume = frame;
  film.open(number, about.width, about.height);
  player.open(state.tape);
  timeline.all();
  pen.clearRect(0, 0, picture.width, picture.height);
  delete picture.dataset.frame;
  link.send({ type: "watch", video: number });
  try { sessionStorage.setItem("fes-label-video", about.name); } catch { /* the first one next time */ }
  panel.showTape(state.tape, state.hello.out);
  panel.showPlaying(false);
  renderPoints();
  refresh();
}

// The video that was shown before the page was loaded again.
function remembered(videos) {
  let name = null;
  try { name = sessionStorage.getItem("fes-label-video"); } catch { /* the first one then */ }
  return Math.max(0, videos.findIndex((video) => video.name === name));
}

function visit(video, frame) {
  if (video !== state.tape.number) open(video, frame);
  else player.go(frame);
}

function show(frame, image) {
  if (picture.width !== image.width || picture.height !== image.height) {
    picture.width = image.width;
    picture.height = image.height;
  }
  pen.drawImage(image, 0, 0);
  picture.dataset.frame = String(frame);
  timeline.follow(state.tape.times[frame]);
  panel.showPicture(state.tape, frame);
  panel.showHere(here(), frame);
  refresh();
}

function takePoints({ points, steps, others }) {
  Object.assign(state, { points, steps, others });
  get("undo").disabled = steps === 0;
  if (state.tape) renderPoints();
}

// Points of the video that is shown.
function here() {
  return state.points
    .filter(([video]) => video === state.tape?.number)
    .map(([, frame, kind]) => ({ frame, kind }));
}

function renderPoints() {
  panel.showPoints(state.tape, here(), state.others, (frame) => player.go(frame), drop);
  panel.showHere(here(), player.shown);
  timeline.dirty = true;
}

function refresh() {
  timeline.dirty = true;
  panel.showPlace(state.tape, player.shown);
  panel.showProgress(state.tape);
}

function say(text) {
  panel.showSaved("live", text);
  clearTimeout(state.saying);
  state.saying = setTimeout(() => {
    if (link.socket) panel.showSaved("live", `Saved to ${state.hello.out}`);
  }, 4000);
}

function change(message) {
  if (!link.send(message)) panel.showSaved("lost", "Not connected: nothing was marked");
}

function mark(kind) {
  if (player.shown === null) return;
  change({ type: "mark", video: state.tape.number, frame: player.shown, kind });
}

function drop(frame) { change({ type: "delete", video: state.tape.number, frame }); }

function dropNearest() {
  const away = ({ frame }) => Math.abs(frame - player.shown);
  const [nearest] = here().sort((one, other) => away(one) - away(other));
  if (nearest && player.shown !== null) drop(nearest.frame);
  else say("no point to delete");
}

function hop(way) {
  const frames = here().map(({ frame }) => frame).filter((frame) => way * (frame - player.due) > 0);
  if (frames.length) player.go(way > 0 ? Math.min(...frames) : Math.max(...frames));
}

function speed(way) {
  const choice = get("speed");
  choice.selectedIndex = Math.min(Math.max(0, choice.selectedIndex + way), choice.options.length - 1);
  player.setSpeed(Number(choice.value));
}

function video(way) {
  const next = state.tape.number + way;
  if (next >= 0 && next < state.hello.videos.length) open(next, null);
}

const actions = {
  play: () => player.toggle(),
  step: (frames) => player.go(player.due + frames),
  first: () => player.go(0),
  last: () => player.go(Infinity),
  hop, mark, speed, video,
  undo: () => change({ type: "undo" }),
  remove: dropNearest,
  zoom: (factor) => timeline.zoom(factor, state.tape.times[player.due] ?? 0),
  all: () => timeline.all(),
};

function press(id, action) {
  get(id).addEventListener("click", () => state.tape && action());
}

press("play", actions.play);
press("back-10", () => actions.step(-10));
press("back-1", () => actions.step(-1));
press("on-1", () => actions.step(1));
press("on-10", () => actions.step(10));
press("mark-micro", () => mark("micro"));
press("mark-macro", () => mark("macro"));
press("delete", dropNearest);
press("undo", actions.undo);
press("zoom-out", () => actions.zoom(1 / 0.6));
press("zoom-all", actions.all);
press("zoom-in", () => actions.zoom(0.6));
get("speed").addEventListener("change", () => player.setSpeed(Number(get("speed").value)));
get("video").addEventListener("change", () => open(Number(get("video").value), null));
listen(Object.fromEntries(Object.entries(actions).map(([name, action]) => [
  name, (...given) => { if (state.tape) action(...given); },
])));

function draw(now_ms) {
  requestAnimationFrame(draw);
  if (!state.tape) return;
  player.tick(now_ms);
  if (timeline.dirty) timeline.draw(state.tape, here(), player.shown);
}

requestAnimationFrame(draw);
link.connect();
