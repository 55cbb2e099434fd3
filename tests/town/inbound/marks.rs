//! `STATUS` from a line whose account is deployed: what the register says of today, beside the last message.

use super::*;
use crate::{closing, directing};

const INVIGILATOR: &str = "+254700000012";

on_every_back_end! {
    async fn status_tells_todays_mark_and_the_days_that_count(town: Town) {
        closing::in_the_morning(&town);
        closing::to_sign(&town).await;
        open_account(&mut town.phone(INVIGILATOR), "28461937", PIN).await;
        let today = closing::days(&town).1.format("%d/%m");
        let said = told(&town, INVIGILATOR, "STATUS").await;
        assert_eq!(
            said,
            [format!(
                "Today {today}: present. Days counted: 1. Last SMS (account): delivered. More: dial *384*2547#"
            )]
        );
        let said = replies(&town, INVIGILATOR, "hali yangu").await;
        assert_eq!(
            said,
            [format!(
                "Leo {today}: yupo. Siku zilizohesabiwa: 1. SMS ya mwisho (akaunti): imefika. Piga *384*2547#"
            )]
        );
    }
}

on_every_back_end! {
    async fn status_tells_an_absence_and_nobody_elses_marks(town: Town) {
        closing::season(&town).await;
        closing::mark(&town, closing::days(&town).1, 3).await;
        open_account(&mut town.phone(INVIGILATOR), "28461937", PIN).await;
        let said = told(&town, INVIGILATOR, "STATUS").await;
        assert!(said[0].contains(": absent. Days counted: 0. "), "{said:?}");
        open_account(&mut town.phone(LINE), "28461938", PIN).await;
        let said = told(&town, LINE, "STATUS").await;
        assert!(said[0].starts_with("Our last message to you, "), "nobody of this line is deployed: {said:?}");
    }
}

on_every_back_end! {
    async fn who_works_in_a_series_for_training_alone_is_told_that_it_is_one(town: Town) {
        closing::in_the_morning(&town);
        closing::to_sign(&town).await;
        directing::change(&town, "UPDATE series SET practice = TRUE").await;
        open_account(&mut town.phone(INVIGILATOR), "28461937", PIN).await;
        let today = closing::days(&town).1.format("%d/%m");
        let said = told(&town, INVIGILATOR, "STATUS").await;
        assert!(said[0].starts_with(&format!("PRACTICE, today {today}: present. Days counted: 0. ")), "{said:?}");
        let said = replies(&town, INVIGILATOR, "hali yangu").await;
        assert!(said[0].starts_with(&format!("MAZOEZI, leo {today}: yupo. Siku zilizohesabiwa: 0. ")), "{said:?}");
        let mut centre = town.phone("+254700000002");
        centre.dial(crate::town::CODE).await.expect("a screen");
        centre.answer("1").await.expect("a screen");
        let asked = crate::town::screen(&centre);
        assert!(asked.starts_with("Centre 12345001: PRACTICE, marked today. Type its PIN"), "{asked}");
    }
}
