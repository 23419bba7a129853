// The page: where somebody is, what they see there, and how old that is.

import { element } from './dom.js';
import { frame } from './frame.js';
import { morphChildren } from './morph.js';
import { read } from './place.js';
import { Watching } from './watching.js';
import * as departures from './views/departures.js';
import * as instance from './views/instance.js';
import * as nowhere from './views/nowhere.js';
import * as service from './views/service.js';
import * as services from './views/services.js';

/**
 * Each view has a `title`; it `ask`s the registry, given the answer before, and `draw`s what was answered: `seen` is
 * when that was, `now` is now. `pace` is how often it asks, unless that is as usual.
 */
const VIEWS = { services, service, instance, departures, nowhere };

const main = document.getElementById('main');
let place = read(location.hash);
let arrived = false;

const watching = new Watching(show);

function go() {
  place = read(location.hash);
  const view = VIEWS[place.view];
  document.title = `${view.title(place)} · lubdub`;
  arrived = true;
  const asked = place;
  watching.turnTo((signal, before) => view.ask(asked, signal, before), view.pace);
}

/** Draws the newest picture; without one yet, that it is being asked for. */
function show(picture) {
  frame(picture, place);
  const drawn =
    picture.data === null
      ? [
          element(
            'p',
            { class: 'quiet' },
            picture.fault ? 'Nothing could be read yet.' : 'Asking the registry …',
          ),
        ]
      : VIEWS[place.view].draw(picture.data, place, picture);
  morphChildren(main, element('main', {}, drawn));
  main.setAttribute('aria-busy', String(picture.data === null && !picture.fault));
  if (arrived && picture.data !== null) arrive();
}

/** Whoever came by a link or a key begins at the top of the new place; the first one is begun by itself. */
function arrive() {
  arrived = false;
  const first = !main.hasAttribute('data-visited');
  main.setAttribute('data-visited', '');
  if (first) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

addEventListener('hashchange', go);

/** What an element with `data-do` does when it is clicked. */
const CLICKED = {
  skip: () => main.focus(),
  more: () => {
    services.showMore();
    watching.redraw();
  },
};

// Elements come and go; the document stays, and goes by what an element says that it does.
document.addEventListener('click', (event) => {
  const doing = CLICKED[event.target.closest('[data-do]')?.dataset.do];
  if (!doing) return;
  event.preventDefault();
  doing();
});
document.addEventListener('input', ({ target }) => {
  const form = target.closest('form[data-do="find"]');
  if (form) find(form);
});
document.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.do === 'find') find(form);
  if (form.dataset.do === 'why') location.hash = departures.placeOf(new FormData(form));
});

/** A filter changes what is shown and its address, but leaves no trail of letters to go back through. */
function find(form) {
  const hash = services.placeOf(new FormData(form));
  history.replaceState(null, '', hash);
  place = read(hash);
  watching.redraw();
}

go();
