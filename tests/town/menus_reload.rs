//! Menus that change while people are calling: new calls begin with what is in the folder, calls in progress end on
//! the menus they began with, whatever becomes of their state and of the node.

use std::{fs, path::Path};

use daftari::{
    app::{App, StartError},
    clock::Chance,
    phones::{phone::Phone, wire::Wire},
    services::menus::MenusRefused,
};
use tempfile::TempDir;

use crate::town::{CODE, Town, on_every_back_end, screen};

const LINE: &str = "+254700000010";
const OTHER: &str = "+254700000011";
/// The menus that are part of the program.
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/menus");

/// A folder with a copy of the menus.
struct Folder(TempDir);

impl Folder {
    fn with_menus() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for file in fs::read_dir(OURS).expect("menus") {
            let file = file.expect("a file");
            fs::copy(file.path(), folder.path().join(file.file_name())).expect("a copy");
        }
        Self(folder)
    }

    /// A folder that the town's nodes take their menus from.
    async fn of(town: &mut Town) -> Self {
        let folder = Self::with_menus();
        town.environment.push(("DAFTARI_MENUS__DIR".to_owned(), folder.path().display().to_string()));
        town.restart().await;
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, change: impl FnOnce(&str) -> String) {
        let path = self.path().join(file);
        let before = fs::read_to_string(&path).expect("a menu");
        let after = change(&before);
        assert_ne!(after, before, "{file} stays as it is");
        fs::write(path, after).expect("a changed menu");
    }

    /// Other words on every screen of the way to an account.
    fn reword(&self) {
        self.write("account.toml", |text| text.replace("\"Type your ", "\"Now type your "));
        self.write("start.toml", |text| text.replace("This line has no account", "Your line has no account"));
    }

    /// Take away the screen that says what is needed, and the choice that leads there.
    fn remove_needs(&self) {
        self.write("start.toml", |text| {
            let (before, rest) = text.split_once("[screen.needs]").expect("the screen");
            let (_, after) = rest.split_once("[screen.change_language]").expect("the screen after it");
            let choice = "[[screen.welcome.choice]]\nen = \"What do I need?\"\nsw = \"Nahitaji nini?\"\n\
                          goto = \"needs\"\n";
            assert_eq!(before.matches(choice).count(), 1, "the choice that leads there");
            format!("{}[screen.change_language]{after}", before.replace(choice, ""))
        });
    }
}

async fn reload(town: &Town, folder: &Folder) -> Result<bool, MenusRefused> {
    town.app().menus.reload(folder.path()).await
}

/// A call that has come to the surname when the menus change.
async fn at_the_surname(town: &Town, wire: Wire) -> Phone {
    let mut phone = town.phone_on(LINE, wire);
    phone.dial(CODE).await.expect("a screen");
    phone.answer("1").await.expect("a screen");
    assert!(screen(&phone).starts_with("This line has no account yet."), "{}", screen(&phone));
    for input in ["1", "1", "Asha"] {
        phone.answer(input).await.expect("a screen");
    }
    assert!(screen(&phone).starts_with("Type your surname"), "{}", screen(&phone));
    phone
}

async fn goes_on_as_it_began(phone: &mut Phone) {
    phone.answer("Wanjiku").await.expect("a screen");
    assert!(screen(phone).starts_with("Type your national ID number"), "{}", screen(phone));
    phone.answer("0").await.expect("a screen");
    assert!(screen(phone).starts_with("Type your surname"), "{}", screen(phone));
    for input in ["Wanjiku", "28461937", "1", "907318", "907318"] {
        phone.answer(input).await.expect("a screen");
    }
    assert!(screen(phone).starts_with("Your account is open."), "{}", screen(phone));
}

async fn a_new_call_gets_the_new_words(town: &Town, node: usize) {
    let mut phone = town.phone(OTHER);
    phone.use_aggregator(town.aggregator(node, Wire::AfricasTalking));
    phone.dial(CODE).await.expect("a screen");
    phone.answer("1").await.expect("a screen");
    assert!(screen(&phone).starts_with("Your line has no account yet."), "{}", screen(&phone));
}

on_every_back_end! {
    async fn new_calls_begin_with_what_is_in_the_folder_and_calls_in_progress_end_as_they_began(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::AfricasTalking).await;
        assert!(!reload(&town, &folder).await.expect("menus"), "nothing has changed");
        folder.reword();
        assert!(reload(&town, &folder).await.expect("menus"), "they have changed");
        assert!(!reload(&town, &folder).await.expect("menus"), "they are in use already");
        a_new_call_gets_the_new_words(&town, 0).await;
        goes_on_as_it_began(&mut phone).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM menu_versions").await, 2);
    }
}

on_every_back_end! {
    async fn a_call_whose_state_is_lost_ends_on_the_menus_it_began_with(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::AfricasTalking).await;
        folder.reword();
        reload(&town, &folder).await.expect("menus");
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        let again = phone.repeat().await.expect("a screen");
        assert!(again.text.starts_with("Type your surname"), "{}", again.text);
        goes_on_as_it_began(&mut phone).await;
    }
}

on_every_back_end! {
    async fn a_node_that_never_saw_the_old_menus_ends_a_call_on_them(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::AfricasTalking).await;
        folder.reword();
        town.add_node().await;
        a_new_call_gets_the_new_words(&town, 1).await;
        phone.use_aggregator(town.aggregator(1, Wire::AfricasTalking));
        goes_on_as_it_began(&mut phone).await;
    }
}

on_every_back_end! {
    async fn a_node_that_has_not_seen_the_new_menus_goes_on_with_a_call_on_them(town: Town) {
        let folder = Folder::of(&mut town).await;
        town.add_node().await;
        folder.reword();
        reload(&town, &folder).await.expect("menus");
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        phone.use_aggregator(town.aggregator(1, Wire::AfricasTalking));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("Your line has no account yet."), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_restart_with_new_menus_ends_a_call_on_the_old_ones(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::AfricasTalking).await;
        folder.reword();
        town.restart().await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        goes_on_as_it_began(&mut phone).await;
        a_new_call_gets_the_new_words(&town, 0).await;
    }
}

on_every_back_end! {
    async fn latest_inputs_end_on_the_old_menus_and_start_afresh_on_the_new_when_lost(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::Hubtel).await;
        folder.reword();
        reload(&town, &folder).await.expect("menus");
        phone.answer("Wanjiku").await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your national ID number"), "{}", screen(&phone));
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, Wire::Hubtel));
        phone.answer("28461937").await.expect("a screen");
        assert!(screen(&phone).starts_with("You began to open an account."), "{}", screen(&phone));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("Now type your national ID number"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_screen_that_is_gone_from_the_new_menus_serves_the_calls_that_are_on_it(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        phone.answer("1").await.expect("a screen");
        phone.answer("2").await.expect("a screen");
        let needs = screen(&phone).to_owned();
        assert!(needs.starts_with("You need your name"), "{needs}");
        folder.remove_needs();
        reload(&town, &folder).await.expect("menus without the screen");

        assert_eq!(phone.repeat().await.expect("a screen").text, needs);
        phone.answer("0").await.expect("a screen");
        assert!(screen(&phone).contains("2: What do I need?"), "{}", screen(&phone));
        phone.answer("2").await.expect("a screen");
        assert_eq!(screen(&phone), needs);
        town.flush(&[LINE]).await;
        town.add_node().await;
        phone.use_aggregator(town.aggregator(1, Wire::AfricasTalking));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("We keep your name, ID"), "{}", screen(&phone));

        let mut new = town.phone(OTHER);
        new.dial(CODE).await.expect("a screen");
        new.answer("1").await.expect("a screen");
        assert!(screen(&new).contains("2: Help\n3: "), "{}", screen(&new));
    }
}

on_every_back_end! {
    async fn broken_menus_are_refused_with_the_complaint_and_the_old_ones_stay(town: Town) {
        let folder = Folder::of(&mut town).await;
        let mut phone = at_the_surname(&town, Wire::AfricasTalking).await;
        folder.reword();
        folder.write("help.toml", |text| format!("{text}\n[[screen.whom.choice]]\nen = \"Go\"\ngoto = \"nowhere\"\n"));
        let line = fs::read_to_string(folder.path().join("help.toml")).expect("a menu").lines().count();
        let refused = reload(&town, &folder).await.expect_err("broken menus");
        assert_eq!(
            refused.to_string(),
            format!(
                "the menus are not served, because:\n\
                 help.toml:{}: screen help.whom: sw: the text in this language is missing\n\
                 help.toml:{line}: screen help.whom: there is no screen called nowhere",
                line - 2
            )
        );
        let served = town.app().menus.current().version.clone();
        let started = App::start(town.config(), town.clock.clone(), Chance::from_system()).await;
        assert!(matches!(started, Err(StartError::Menus(MenusRefused::Faulty(_)))), "no node starts with them");

        folder.write("help.toml", |text| text.replacen("en = ", "en = Go", 1));
        assert!(matches!(reload(&town, &folder).await, Err(MenusRefused::Faulty(_))), "not even TOML");
        let away = reload(&town, &Folder::with_menus()).await.expect("the menus in use");
        assert!(!away, "the old ones are served still");
        let nowhere = town.app().menus.reload(&folder.path().join("nowhere")).await;
        assert!(matches!(nowhere, Err(MenusRefused::Unreadable(_))), "no folder");
        assert_eq!(town.app().menus.current().version, served);
        assert_eq!(town.count("SELECT COUNT(*) FROM menu_versions").await, 1, "nothing refused is kept");
        goes_on_as_it_began(&mut phone).await;

        fs::copy(Path::new(OURS).join("help.toml"), folder.path().join("help.toml")).expect("the menu is mended");
        assert!(reload(&town, &folder).await.expect("menus"));
        a_new_call_gets_the_new_words(&town, 0).await;
    }
}
