// Sets a forgotten password with the token of the mail. It stands behind the `#`, which browsers send to nobody.
const form = document.getElementById("reset");
const said = document.getElementById("said");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);

function end(text) {
  form.hidden = true;
  said.textContent = text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = form.elements.password.value;
  if (password !== form.elements.again.value) {
    said.textContent = "The two are not the same.";
    return;
  }
  try {
    const answer = await fetch("../auth/password/reset", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, password }),
    });
    const text = await answer.text();
    if (answer.ok) return end("It is set. Log in with it, as in: muista login " + location.hostname);
    said.textContent = JSON.parse(text).detail;
  } catch {
    said.textContent = "The daemon does not answer. Try again in a moment.";
  }
});

// Shown only now: a form that is sent before somebody listens opens the page anew, without the token.
if (token) {
  form.hidden = false;
  form.elements.password.focus();
} else {
  end("This page is opened by the link in the mail, which holds a token. Ask for another mail if it is lost.");
}
