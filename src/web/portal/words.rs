//! Every word the portal says, English and Kiswahili side by side. What messages are about and what became of them is
//! said in the words of the menus (`menus/words.toml`), so that page and phone agree.

use crate::model::{Language, password::PasswordRefusal};

macro_rules! words {
    ($($name:ident: $en:literal, $sw:literal;)+) => {
        /// The words of one language.
        pub struct Words {
            $(pub $name: &'static str,)+
        }

        static ENGLISH: Words = Words { $($name: $en,)+ };
        static KISWAHILI: Words = Words { $($name: $sw,)+ };
    };
}

/// The words of a language.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Sw => &KISWAHILI,
    }
}

words! {
    lang: "en", "sw";
    portal: "Exam staff", "Wasimamizi wa mitihani";
    // The way to the other language is said in that language.
    other_language: "Kiswahili", "English";
    other_lang: "sw", "en";

    sign_in: "Sign in", "Ingia";
    username: "User name (your phone number)", "Jina la mtumiaji (namba ya simu)";
    password: "Password", "Nywila";
    no_password: "First time here, or password forgotten?", "Mara ya kwanza, au umesahau nywila?";
    i_have_a_code: "I have a code", "Nina namba ya siri";
    send_a_code: "Send me a code by SMS", "Nitumie namba kwa SMS";
    no_account: "No account yet? Dial {service_code} on your phone: it works without internet.",
                "Huna akaunti? Piga {service_code} kwa simu yako: haihitaji intaneti.";

    code_title: "Choose a password", "Chagua nywila";
    code_how: "You need a code. To get one without SMS, dial {service_code}, sign in with your PIN and choose Web portal.",
              "Unahitaji namba ya siri. Kuipata bila SMS, piga {service_code}, ingia kwa PIN kisha chagua Tovuti.";
    code: "Code", "Namba ya siri";
    new_password: "New password", "Nywila mpya";
    new_password_again: "New password again", "Nywila mpya tena";
    password_hint: "At least 10 characters. A few words that only you would put together are best.",
                   "Angalau herufi 10. Maneno machache ambayo wewe tu ungeyaunganisha ni bora.";
    save: "Save", "Hifadhi";

    forgot_title: "Get a code by SMS", "Pata namba kwa SMS";
    forgot_how: "Type the phone number of your account.", "Andika namba ya simu ya akaunti yako.";
    send: "Send", "Tuma";
    forgot_sent: "If this number has an account, a code is on its way to it by SMS. It counts for 10 minutes.",
                 "Kama namba hii ina akaunti, namba ya siri inatumwa kwa SMS. Inatumika kwa dakika 10.";
    forgot_else: "Nothing after a minute? Ask again, or dial {service_code}, sign in with your PIN and choose Web portal.",
                 "Hakuna baada ya dakika moja? Omba tena, au piga {service_code}, ingia kwa PIN kisha chagua Tovuti.";
    type_the_code: "Type the code", "Andika namba hiyo";
    not_a_number: "That is no Kenyan mobile number. Write it like 0712 345 678.",
                  "Hiyo si namba ya simu ya Kenya. Iandike hivi: 0712 345 678.";

    wrong: "User name and password do not belong together.", "Jina la mtumiaji na nywila hazilingani.";
    wrong_code: "This code is not right for this user name, or it no longer counts. After three wrong tries you need a new one.",
                "Namba hii si sahihi kwa jina hili, au imekwisha muda. Ukikosea mara tatu unahitaji nyingine.";
    wrong_old: "The old password is not right.", "Nywila ya zamani si sahihi.";
    wait: "Too many tries. Please wait {minutes} min, then try again.",
          "Umejaribu mara nyingi. Tafadhali subiri dakika {minutes}, kisha ujaribu tena.";
    too_soon: "A code was asked for just now. If it does not come, ask again in {minutes} min.",
              "Namba imeombwa sasa hivi. Isipofika, omba tena baada ya dakika {minutes}.";
    not_the_same: "The two new passwords are not the same.", "Nywila mpya mbili hazifanani.";
    fill_in: "Please fill in every field.", "Tafadhali jaza sehemu zote.";
    too_short: "Too short: at least 10 characters.", "Ni fupi mno: angalau herufi 10.";
    too_long: "Too long: at most 128 characters.", "Ni ndefu mno: herufi zisizidi 128.";
    repeats: "Easy to guess: it repeats, or runs along the keys.", "Ni rahisi kukisia: inajirudia au inafuata vitufe.";
    own: "Easy to guess: it is made of your name, number or ID.", "Ni rahisi kukisia: ina jina, namba ya simu au kitambulisho chako.";
    common: "Easy to guess: many people choose it.", "Ni rahisi kukisia: wengi huichagua.";
    same: "This is the password you have already.", "Hii ndiyo nywila unayotumia sasa.";

    over: "You were signed out. Please sign in again.", "Umetolewa. Tafadhali ingia tena.";
    signed_out: "You are signed out.", "Umetoka.";
    signed_out_everywhere: "You are signed out everywhere.", "Umetoka kila mahali.";
    password_saved: "Your new password is saved. You are signed out everywhere else.",
                    "Nywila mpya imehifadhiwa. Umetolewa kwingine kote.";
    language_saved: "From now on screens and SMS are in English.", "Kuanzia sasa skrini na SMS ni kwa Kiswahili.";

    account: "My account", "Akaunti yangu";
    name: "Name", "Jina";
    national_id: "National ID", "Kitambulisho";
    user: "User name", "Jina la mtumiaji";
    opened: "Opened on", "Ilifunguliwa";
    language: "Language of screens and SMS", "Lugha ya skrini na SMS";
    this_language: "English", "Kiswahili";
    use_other: "Tumia Kiswahili", "Use English";
    messages: "My messages", "Ujumbe wangu";
    messages_how: "Our messages to you in the last 90 days, newest first.", "Ujumbe wetu kwako kwa siku 90 zilizopita, mpya kwanza.";
    no_messages: "We have sent you no message in the last 90 days.", "Hatujakutumia ujumbe katika siku 90 zilizopita.";
    change_password: "Change password", "Badilisha nywila";
    old_password: "Old password", "Nywila ya zamani";
    leave: "Sign out", "Toka";
    leave_everywhere: "Sign out everywhere", "Toka kila mahali";
    leave_everywhere_how: "Ends every sign-in of your account: other browsers, and calls in progress.",
                          "Hufunga kila mahali ulipoingia: vivinjari vingine na simu zinazoendelea.";
    never_asked: "We never ask for your PIN, password or codes.", "Hatuulizi kamwe PIN, nywila wala namba za siri.";
    go_on: "Go on", "Endelea";
    reference: "Reference", "Kumbukumbu";
    help: "Help: {help_line}", "Msaada: {help_line}";
}

impl Words {
    /// Why a new password is not taken.
    pub fn refusal(&self, refusal: PasswordRefusal) -> &'static str {
        match refusal {
            PasswordRefusal::TooShort => self.too_short,
            PasswordRefusal::TooLong => self.too_long,
            PasswordRefusal::Repeats => self.repeats,
            PasswordRefusal::Own => self.own,
            PasswordRefusal::Common => self.common,
        }
    }

    /// How long to wait for a code that was asked for.
    pub fn too_soon_for(&self, minutes: i64) -> String {
        self.too_soon.replace("{minutes}", &minutes.to_string())
    }

    /// How long to wait.
    pub fn wait_for(&self, minutes: i64) -> String {
        self.wait.replace("{minutes}", &minutes.to_string())
    }
}
