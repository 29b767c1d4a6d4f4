// What PyScript is at, while it boots.
addEventListener("py:progress", ({ detail }) => {
  document.getElementById("status-detail").textContent = `${detail}…`;
});
