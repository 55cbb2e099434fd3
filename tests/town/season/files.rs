//! Files: the same one twice, bad rows, what is removed and what is not.

use std::fmt::Write as _;

use chrono::Duration;
use daftari::{
    model::Post,
    services::{
        officers,
        season::import::{Kind, MOST_TOLD, Options},
    },
    storage::{officers::Role, season},
};

use super::{CENTRES, SERIES, counts, faults, import, line, replace, roster, rows, settle, try_import};
use crate::{
    binary::daftari,
    posts::with_pin,
    town::{Backend, Town, on_every_back_end},
};

const ASHA: &str = "S26,12345001,invigilator,Asha Njeri,+254700000010,20000010,2026-10-16,2026-11-20,";
const JOHN: &str = "S26,12345001,supervisor,John Otieno,,,2026-10-16,2026-10-30,R2";
const MARY: &str = "S26,02345002,centre_manager,Mary Chebet,0700000012,,2026-10-16,2026-11-20,";

on_every_back_end! {
    async fn the_same_file_twice_changes_nothing(town: Town) {
        let days = "series,on,kind,opens,closes\nS26,2026-10-16,rehearsal,,\nS26,2026-10-19,exam,05:30,21:00\n";
        let rates = "series,role,from_on,ksh_per_day,half_percent\nS26,invigilator,2026-10-16,550,40\n";
        let officers = "full_name,msisdn,role,scope\nJane Atieno,+254700000003,sub_county_director,Ruiru\n";
        let deployments = rows(&[ASHA, JOHN, MARY]);
        let files = [
            (Kind::Series, SERIES), (Kind::Centres, CENTRES), (Kind::Days, days), (Kind::Rates, rates),
            (Kind::Officers, officers), (Kind::Deployments, &deployments),
        ];
        let mut added = vec![];
        for (kind, text) in files {
            added.push(counts(&import(&town, kind, text).await)[0]);
        }
        assert_eq!(added, [1, 2, 2, 1, 1, 3]);
        let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'season_imported'";
        assert_eq!(town.count(entries).await, 6);
        for ((kind, text), added) in files.into_iter().zip(added) {
            let again = import(&town, kind, text).await;
            assert_eq!(counts(&again), [0, 0, added, 0], "{kind:?}");
            assert_eq!(counts(&replace(&town, kind, text).await), [0, 0, added, 0], "{kind:?}");
        }
        assert_eq!(town.count(entries).await, 6, "what changes nothing leaves no trace");

        let mut tx = town.app().deps.store.read().await.expect("a read");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 10, 19).expect("a day");
        assert_eq!(season::current(&mut tx, day).await.expect("series")[0].code, "S26");
        let days = season::days(&mut tx, "S26").await.expect("days");
        assert_eq!((days.len(), days[1].opens.map(|at| at.to_string())), (2, Some("05:30:00".to_owned())));
        assert_eq!(season::rates(&mut tx, "S26").await.expect("rates")[0].half_percent, 40);
    }
}

on_every_back_end! {
    async fn every_bad_row_is_told_and_nothing_is_half_imported(town: Town) {
        settle(&town).await;
        let text = rows(&[
            ASHA,
            "S27,12345009,invigilater,A1,0900223344,12,2026-10-01,2026-13-01,a b",
            "S26,1234501,invigilator,Peter Kamau,,,2026-10-20,2026-10-19,",
            "S26,12345001,driver,Peter Kamau,,,2026-10-01,2026-12-01,",
            "S26,12345001,driver",
            JOHN,
            "S26,12345001,driver,Ruth Mutua,,,2026-10-16,2026-10-20,R2",
            "S26,12345001,driver,asha njeri,0700 000 010,20000010,2026-11-01,2026-11-20,",
        ]);
        let told = faults(&town, Kind::Deployments, &text).await;
        for words in [
            "line 3, series: there is no series \"S27\"; did you mean S26?",
            "line 3, centre: there is no centre 12345009; did you mean 12345001?",
            "line 3, role: there is no role \"invigilater\"; did you mean invigilator?",
            "line 3, full_name: a name has letters only",
            "line 3, msisdn: this is not a Kenyan mobile number",
            "line 3, national_id: an ID number has at least six digits",
            "line 3, ref: has letters, digits",
            "line 3, to_on: \"2026-13-01\" is not a date such as 2026-10-21",
            "line 4, centre: \"1234501\" is not a centre's code of eight digits",
            "line 4, to_on: 2026-10-19 is before from_on",
            "line 5, from_on: 2026-10-01 is not within S26, which runs from 2026-10-16 to 2026-11-20",
            "line 5, to_on: 2026-12-01 is not within S26",
            "line 6: 3 cells where the header has 9",
            "line 8, ref: this ref stands on line 7 already",
            "line 9: this person is deployed here on the same days by line 2 already",
        ] {
            assert!(told.iter().any(|fault| fault.starts_with(words)), "{words}: {told:#?}");
        }
        assert_eq!(told.len(), 15, "{told:#?}");
        assert_eq!(town.count("SELECT COUNT(*) FROM people").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM deployments").await, 0);
    }
}

on_every_back_end! {
    async fn a_long_file_with_one_bad_row_at_its_end_leaves_nothing(town: Town) {
        settle(&town).await;
        let mut text = crate::season::HEADER.to_owned();
        for n in 0..2500 {
            // Enough people for three parts of the file; each centre has numbers for 997.
            let _ = writeln!(text, "S26,{},invigilator,Person {},,,2026-10-{:02},2026-10-{:02},R{n}",
                ["12345001", "02345002"][n % 2], letters(n / 8), 20 + n % 8 / 2, 20 + n % 8 / 2);
        }
        let good = try_import(&town, Kind::Deployments, &text, Options { dry_run: true, replace: false }).await.expect("read");
        assert_eq!((good.told.faults(), good.kept, good.rows), (506, false, 2500), "{:?}", good.told.first_faults());
        assert_eq!(good.told.first_faults().len(), MOST_TOLD);
        assert!(good.told.first_faults()[0].reason.starts_with("all 997 numbers"));
        assert_eq!(town.count("SELECT COUNT(*) FROM deployments").await, 0);
    }
}

/// A number as letters, for names.
fn letters(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>() + "o"
}

on_every_back_end! {
    async fn the_bad_rows_of_the_small_files_are_told(town: Town) {
        settle(&town).await;
        let series = "code,exam,year,starts_on,ends_on,practice\nP 1,,26,2026-10-20,2026-10-19,maybe\nA,B,2026,2026-10-20,2026-10-21,\nA,B,2026,2026-10-20,2026-10-21,\n";
        let told = faults(&town, Kind::Series, series).await;
        assert_eq!(told.len(), 5, "{told:#?}");
        assert_eq!(told[4], "line 4, code: this stands on line 3 already");
        let days = "series,on,kind,opens,closes\nS26,2026-12-01,exam,,\nS26,2026-10-20,exams,,\nS26,2026-10-21,exam,20:00,06:00\nS26,2026-10-22,exam,06:00,\nS26,2026-10-23,exam,6,7\n";
        let told = faults(&town, Kind::Days, days).await;
        assert_eq!(told.len(), 6, "{told:#?}");
        let rates = "series,role,from_on,ksh_per_day,half_percent\nS26,driver,2026-10-16,-1,101\nS26,driver,2026-12-16,1,\n";
        assert_eq!(faults(&town, Kind::Rates, rates).await.len(), 3);
        let centres = "code,name,county_code,county,sub_county,manager_msisdn\n12345003,N,48,Kiambu,Ruiru,+15005550006\n12345004,N,022,Kiambu,Ruiru,\n12345005,N,022,Kyambu,Ruiru,\n";
        let told = faults(&town, Kind::Centres, centres).await;
        assert!(told[2].starts_with("line 4, county: county 022 is Kyambu here and Kiambu on line 3"), "{told:#?}");
        let officers = "full_name,msisdn,role,scope\nJane Atieno,,director,Ruiro\nJane Atieno,0700000003,sub_county_director,\n";
        let told = faults(&town, Kind::Officers, officers).await;
        assert!(told.iter().any(|fault| fault == "line 2, scope: no centre lies in \"Ruiro\"; did you mean Ruiru?"), "{told:#?}");
        assert_eq!(told.len(), 4, "{told:#?}");
    }
}

on_every_back_end! {
    async fn a_series_keeps_the_days_of_its_people(town: Town) {
        settle(&town).await;
        import(&town, Kind::Deployments, &rows(&[ASHA])).await;
        let told = faults(&town, Kind::Series, &SERIES.replace("2026-11-20", "2026-11-10")).await;
        assert_eq!(told, ["line 2: 1 days or deployments of S26 lie outside these dates: import those first"]);
        let longer = import(&town, Kind::Series, &SERIES.replace("2026-11-20", "2026-11-27")).await;
        assert_eq!(counts(&longer), [0, 1, 0, 0]);
        let empty = replace(&town, Kind::Series, "code,exam,year,starts_on,ends_on\nB,B,2026,2026-10-20,2026-10-21\n").await;
        assert_eq!(counts(&empty), [1, 0, 0, 0], "people are deployed in the other");
        assert_eq!(empty.told.warnings(), 1);
    }
}

on_every_back_end! {
    async fn who_is_not_in_the_file_goes_with_replace_alone_and_numbers_are_never_given_again(town: Town) {
        settle(&town).await;
        import(&town, Kind::Deployments, &rows(&[ASHA, JOHN, MARY])).await;
        let ruth = "S26,12345001,driver,Ruth Mutua,,,2026-10-16,2026-10-20,";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[ruth])).await), [1, 0, 0, 0]);
        assert_eq!(roster(&town, "12345001").await, ["1 Asha Njeri", "2 John Otieno", "3 Ruth Mutua"]);

        let dry = Options { dry_run: true, replace: true };
        let would = try_import(&town, Kind::Deployments, &rows(&[ASHA, MARY]), dry).await.expect("it is read");
        assert_eq!((counts(&would), would.kept), ([0, 0, 2, 2], false));
        assert_eq!(roster(&town, "12345001").await.len(), 3, "a dry run does nothing");
        assert_eq!(counts(&replace(&town, Kind::Deployments, &rows(&[ASHA, MARY])).await), [0, 0, 2, 2]);
        assert_eq!(roster(&town, "12345001").await, ["1 Asha Njeri"]);
        assert_eq!(crate::season::everybody(&town, "12345001").await.len(), 3, "who was there stays in the history");

        let peter = "S26,12345001,driver,Peter Kamau,,,2026-10-16,2026-10-20,";
        import(&town, Kind::Deployments, &rows(&[peter, JOHN])).await;
        assert_eq!(
            roster(&town, "12345001").await,
            ["1 Asha Njeri", "2 John Otieno", "4 Peter Kamau"],
            "somebody new gets a new number, who comes back the old one"
        );
        assert_eq!(counts(&replace(&town, Kind::Centres, CENTRES.rsplit_once("0234").expect("a row").0).await), [0, 0, 1, 1]);
        let told = faults(&town, Kind::Deployments, &rows(&[MARY])).await;
        assert_eq!(told, ["line 2, centre: centre 02345002 was removed from the lists"]);
        assert_eq!(counts(&import(&town, Kind::Centres, CENTRES).await), [0, 1, 1, 0]);
    }
}

on_every_back_end! {
    async fn an_officer_whom_a_file_drops_speaks_for_the_office_no_more(town: Town) {
        settle(&town).await;
        let header = "full_name,msisdn,role,scope\n";
        let office = format!("{header}Rehema Were,+254700000003,sub_county_director,Ruiru\n");
        import(&town, Kind::Officers, &office).await;
        let officer = officers::list(&town.app().deps).await.expect("officers").remove(0);
        with_pin(&town, &Post::Officer(officer.id), "+254700000003", "86427531").await;
        let bound = "SELECT COUNT(*) FROM post_lines WHERE unbound_at IS NULL";
        let counting = "SELECT COUNT(*) FROM post_credentials WHERE revoked_at IS NULL";
        assert_eq!((town.count(bound).await, town.count(counting).await), (1, 1));
        assert_eq!(counts(&replace(&town, Kind::Officers, &office).await), [0, 0, 1, 0]);
        assert_eq!((town.count(bound).await, town.count(counting).await), (1, 1), "still in the file");
        let another = format!("{header}Peter Kamau,+254700000020,sub_county_director,Ruiru\n");
        assert_eq!(counts(&replace(&town, Kind::Officers, &another).await), [1, 0, 0, 1]);
        assert_eq!((town.count(bound).await, town.count(counting).await), (0, 0), "the PIN is over, the line free");
    }
}

on_every_back_end! {
    async fn officers_put_in_office_by_hand_stay_whatever_a_file_holds(town: Town) {
        let deps = &town.app().deps;
        officers::add(deps, "Peter Kamau", line("+254700000020"), Role::Support, "").await.expect("an officer");
        let header = "full_name,msisdn,role,scope\n";
        let two = format!("{header}Jane Atieno,0700000003,sub_county_director,Ruiru\nRuth Mutua,0700000004,headquarters,\n");
        let first = import(&town, Kind::Officers, &two).await;
        assert_eq!((counts(&first), first.told.warnings()), ([2, 0, 0, 0], 1), "no centres are known yet");
        let one = format!("{header}Jane Atieno Were,0700000003,sub_county_director,Ruiru\n");
        assert_eq!(counts(&replace(&town, Kind::Officers, &one).await), [0, 1, 0, 1]);
        let names: Vec<String> =
            officers::list(deps).await.expect("officers").into_iter().map(|officer| officer.full_name).collect();
        assert_eq!(names, ["Jane Atieno Were", "Peter Kamau"]);
        town.pass(Duration::seconds(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_prints_templates_that_it_takes_itself() {
    let town = Town::open(Backend::Embedded).await;
    let folder = tempfile::tempdir().expect("a folder");
    for kind in ["series", "days", "rates", "centres", "officers", "deployments"] {
        let template = daftari(&["import", "--template", kind], &town.environment).await;
        assert!(template.out.lines().count() == 2, "{}", template.out);
        let path = folder.path().join(format!("{kind}.csv"));
        std::fs::write(&path, &template.out).expect("a file");
        let path = path.display().to_string();
        let said = daftari(&["import", kind, &path], &town.environment).await;
        assert_eq!(said.out, "1 added, 0 changed, 0 as they were.\n", "{kind}: {}", said.err);
        let said = daftari(&["import", kind, &path, "--dry-run"], &town.environment).await;
        assert_eq!(
            said.out,
            "A dry run; nothing was changed. It would be: 0 added, 0 changed, 1 as they were.\n"
        );
    }
    let path = folder.path().join("bad.csv");
    std::fs::write(&path, rows(&["S26,12345001,driver,X,,,2026-10-16,2026-10-20,"])).expect("a file");
    let path = path.display().to_string();
    let said = daftari(&["import", "deployments", &path], &town.environment).await;
    assert!(
        said.code == 1 && said.err.contains("bad.csv: line 2, full_name: a name has at least two letters"),
        "{}",
        said.err
    );
    assert!(said.err.ends_with("Nothing was imported: 2 faults in 1 row.\n"), "{}", said.err);
}
