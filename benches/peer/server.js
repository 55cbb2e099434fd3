// The peer: the start menu of a line without an account, as it is usually written for Node.js. ussd-menu-builder walks
// the menu, express parses the form, and the session is in Redis by the handlers that its README describes.
//
// `node server.js PORT REDIS_URL`: serves on loopback until it is killed.
'use strict';
const express = require('express');
const { createClient } = require('redis');
const UssdMenu = require('ussd-menu-builder');

const [port, url] = process.argv.slice(2);
const LIFE_S = 600;
const redis = createClient({ url });

const session = {
  start: async () => {},
  get: async (id, key) => JSON.parse((await redis.get(`peer:${id}`)) || '{}')[key],
  set: async (id, key, value) => {
    const kept = JSON.parse((await redis.get(`peer:${id}`)) || '{}');
    kept[key] = value;
    await redis.set(`peer:${id}`, JSON.stringify(kept), { EX: LIFE_S });
  },
  end: async (id) => { await redis.del(`peer:${id}`); },
};

const SCREENS = {
  language: 'Examination staff register\nDaftari la wasimamizi wa mitihani\n1: English\n2: Kiswahili',
  welcome: 'This line has no account yet. Choose:\n1: Open an account\n2: What do I need?\n3: Help\n4: Kiswahili / English',
  needs: 'You need your name as it is on your M-Pesa line and your national ID number. It takes 2 minutes and no SMS.\n1: Open an account\n0:Back 00:Main',
};

// One menu a request: an instance holds the request that it is at, so two at once would answer each other's caller.
function menuOf() {
  const menu = new UssdMenu();
  menu.sessionConfig(session);
  const screen = (name, text) => async () => {
    await menu.session.set('screen', name);
    menu.con(text());
  };
  menu.startState({ run: screen('language', () => SCREENS.language), next: { 1: 'welcome', 2: 'welcome' } });
  menu.state('welcome', { run: screen('welcome', () => SCREENS.welcome), next: { 2: 'needs', 3: 'help' } });
  menu.state('needs', { run: screen('needs', () => SCREENS.needs), next: { 0: 'welcome' } });
  menu.state('help', {
    run: screen('help', () => `Call 0700 000 099 (Mon-Fri 8am-5pm) and give your number ${menu.args.phoneNumber.slice(1)}. Never tell anyone your PIN.\n0:Back 00:Main`),
    next: { 0: 'welcome' },
  });
  return menu;
}

const app = express();
app.use(express.urlencoded({ extended: false }));
app.get('/readyz', (req, res) => { res.send('ready'); });
app.post('/callbacks/africastalking/:secret/ussd', async (req, res) => {
  res.type('text/plain').send(await menuOf().run(req.body));
});

redis.connect().then(() => app.listen(Number(port), '127.0.0.1'));
