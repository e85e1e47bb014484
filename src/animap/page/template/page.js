"use strict";
// The page's player. Two clocks can move it: the video's own, or, step by step, a timer from event to event.
(() => {
  const film = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const all = (selector) => document.querySelectorAll(selector);
  const [video, player, slider, speed, steps] = ["video", "player", "timeline", "speed", "steps"].map(byId);
  const { starts, stops } = film.days;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const last = film.seconds - 0.02;
  const nobody = -1;

  let edition;
  let at = 0; // film second that is shown
  let told; // number of the event whose caption is shown
  let timer = 0; // of the next step, while playing step by step
  let dragging = false;

  // --- what is shown ------------------------------------------------------------------------------

  const latest = (seconds, second) => seconds.findLastIndex((start) => start <= second + 1e-3);
  const day = () => Math.max(0, latest(starts, at));
  const event = () => latest(film.events.map(({ start }) => start), at);
  const playing = () => Boolean(timer) || !video.paused;

  function show() {
    const date = edition.dates[day()];
    slider.value = at;
    slider.setAttribute("aria-valuetext", date);
    slider.style.setProperty("--share", at / film.seconds);
    byId("date").textContent = date;
    if (event() !== told) tell(event());
  }

  function tell(number) {
    told = number;
    const { date, place, text, sources } = edition.events[number] ?? { sources: [] };
    byId("told").textContent = [date, place].filter(Boolean).join(" · ");
    byId("text").textContent = text ?? "";
    byId("cited").replaceChildren(...sources.map((title) => Object.assign(document.createElement("li"), { textContent: title })));
    byId("sources").hidden = !sources.length;
    for (const card of all(".card[data-now]")) delete card.dataset.now;
    for (const go of all(`.go[data-event="${number}"]`)) go.closest(".card").dataset.now = "";
  }

  function showState() {
    const { play, pause } = edition.words;
    player.classList.toggle("playing", playing());
    byId("play-word").textContent = playing() ? pause : play;
  }

  // --- moving -------------------------------------------------------------------------------------

  function goTo(second) {
    at = Math.min(last, Math.max(0, second));
    if (video.readyState) video.currentTime = at;
    else video.load();
    if (timer) wait();
    show();
  }

  function byDay(step) {
    // Under the title card the first day has not been seen yet.
    const next = at < film.opening && step > 0 ? 0 : day() + step;
    goTo(next < 0 ? 0 : stops[Math.min(next, stops.length - 1)]);
  }

  function byEvent(step) {
    const next = event() + step;
    if (next < 0) goTo(0);
    else if (next < film.events.length) goTo(film.events[next][steps.checked ? "still" : "show"]);
    else goTo(last);
  }

  // --- playing ------------------------------------------------------------------------------------

  function play() {
    if (at >= last) goTo(0);
    if (!steps.checked || !film.events.length) return void video.play();
    if (event() === nobody) byEvent(1);
    wait();
    showState();
  }

  function wait() {
    clearTimeout(timer);
    const reading = film.events[event()]?.reading ?? 0;
    timer = setTimeout(step, (1000 * Math.max(3, reading)) / Number(speed.value));
  }

  function step() {
    if (event() + 1 >= film.events.length) return pause();
    byEvent(1);
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    video.pause();
    showState();
  }

  const toggle = () => (playing() ? pause() : play());

  function follow() {
    if (video.paused) return;
    at = video.currentTime;
    show();
    requestAnimationFrame(follow);
  }

  // --- languages ----------------------------------------------------------------------------------

  function speak(language) {
    edition = film.editions[language];
    document.documentElement.lang = language;
    document.title = edition.words.title;
    for (const node of all("[data-say]")) node.textContent = edition.words[node.dataset.say];
    for (const node of all("[data-label]")) node.setAttribute("aria-label", edition.words[node.dataset.label]);
    for (const node of all("[data-title]")) node.title = edition.words[node.dataset.title];
    for (const node of all(".storyboard, .credits")) node.hidden = node.lang !== language;
    for (const image of all(`.storyboard[lang="${language}"] img`)) image.loading = "eager";
    for (const button of all("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
    byId("gif").hidden = !edition.gif;
    byId("gif").href = edition.gif;
    byId("mp4").href = edition.video;
    byId("snippet").value = snippet(language);
    byId("copied").textContent = "";
    change(edition);
    told = undefined;
    show();
    showState();
  }

  function change({ video: file, poster }) {
    if (video.getAttribute("src") === file) return;
    const moving = !video.paused;
    video.poster = poster;
    video.src = file;
    if (moving) video.play();
  }

  function snippet(language) {
    const here = location.protocol.startsWith("http") ? location.origin + location.pathname : `${film.folder}/index.html`;
    const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    return `<iframe src="${quoted(here)}?lang=${language}" title="${quoted(edition.words.title)}" width="100%" height="760" style="border: 0" allow="fullscreen" loading="lazy"></iframe>`;
  }

  function ownLanguage() {
    const wanted = [new URLSearchParams(location.search).get("lang"), ...navigator.languages.map((tag) => tag.slice(0, 2))];
    return wanted.find((language) => language in film.editions) ?? document.documentElement.lang;
  }

  // --- hands on -----------------------------------------------------------------------------------

  function dragged() {
    const second = Number(slider.value);
    // Under a finger or the mouse, events are stops: whoever comes near is taken there.
    const near = (8 * film.seconds) / slider.clientWidth;
    const stop = dragging && film.events.find(({ show }) => Math.abs(show - second) < near);
    goTo(stop ? stop.show : second);
  }

  function pressed(key) {
    if (key.altKey || key.ctrlKey || key.metaKey || key.target.matches("select, textarea")) return;
    const sliding = key.target === slider;
    const acts = {
      " ": key.target.matches("button, a, [type=checkbox]") ? undefined : toggle,
      ArrowLeft: () => byDay(-1),
      ArrowRight: () => byDay(1),
      ArrowDown: sliding ? () => byDay(-1) : undefined,
      ArrowUp: sliding ? () => byDay(1) : undefined,
      PageUp: sliding ? () => byEvent(-1) : undefined,
      PageDown: sliding ? () => byEvent(1) : undefined,
      Home: sliding ? () => goTo(0) : undefined,
      End: sliding ? () => goTo(last) : undefined,
    };
    const act = acts[key.key];
    if (!act) return;
    key.preventDefault();
    act();
  }

  async function copy() {
    const code = byId("snippet");
    try {
      await navigator.clipboard.writeText(code.value);
    } catch {
      code.select();
      document.execCommand("copy");
    }
    byId("copied").textContent = edition.words.copied;
  }

  function setSteps() {
    const moving = playing();
    pause();
    if (moving) play();
  }

  slider.max = film.seconds;
  byId("stops").replaceChildren(
    ...film.events.map(({ show }) => {
      const mark = document.createElement("span");
      mark.style.setProperty("--share", show / film.seconds);
      return mark;
    }),
  );
  slider.addEventListener("pointerdown", () => (dragging = true));
  slider.addEventListener("input", dragged);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (dragging = false));
  document.addEventListener("keydown", pressed);
  video.addEventListener("click", toggle);
  video.addEventListener("play", () => (showState(), follow()));
  video.addEventListener("pause", showState);
  video.addEventListener("ended", showState);
  video.addEventListener("loadedmetadata", () => {
    if (at) video.currentTime = at;
    video.playbackRate = Number(speed.value);
  });
  byId("play").addEventListener("click", toggle);
  byId("back").addEventListener("click", () => byEvent(-1));
  byId("forward").addEventListener("click", () => byEvent(1));
  byId("print").addEventListener("click", () => print());
  byId("copy").addEventListener("click", copy);
  byId("fullscreen").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()));
  byId("fullscreen").hidden = !document.fullscreenEnabled;
  speed.addEventListener("change", () => {
    video.playbackRate = Number(speed.value);
    if (timer) wait();
  });
  steps.addEventListener("change", setSteps);
  calm.addEventListener("change", () => {
    steps.checked = calm.matches;
    setSteps();
  });
  for (const button of all("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
  for (const go of all(".go")) {
    go.addEventListener("click", () => {
      goTo(film.events[go.dataset.event][steps.checked ? "still" : "show"]);
      player.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
    });
  }

  video.controls = false;
  steps.checked = calm.matches;
  document.documentElement.classList.add("scripted");
  document.body.classList.toggle("embedded", window.top !== window);
  speak(ownLanguage());
})();
