//! `STATUS` from a line whose account is deployed: what the register says of today, beside the last message.

use super::*;
use crate::closing;

const INVIGILATOR: &str = "+254700000012";

on_every_back_end! {
    async fn status_tells_todays_mark_and_the_days_that_count(town: Town) {
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
