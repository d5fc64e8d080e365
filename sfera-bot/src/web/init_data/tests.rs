use super::*;
use proptest::prelude::*;
use serde::Deserialize;

const DAY: Duration = Duration::from_secs(86_400);

/// What another implementation signed, or changed after that. See `vectors.json`.
#[derive(Deserialize)]
struct Vectors {
    token: String,
    auth_date: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    data: String,
    valid: bool,
    user: i64,
    start_param: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

impl Vectors {
    fn verify(&self, data: &str) -> Result<InitData, Refused> {
        self.verify_at(data, self.auth_date)
    }

    /// Seconds since 1970.
    fn verify_at(&self, data: &str, now: i64) -> Result<InitData, Refused> {
        InitData::verify(data, &Secret::new(self.token.as_str()), DAY, now * 1_000)
    }

    fn first(&self) -> &str {
        &self.vectors[0].data
    }
}

#[test]
fn what_another_implementation_signs_is_understood_and_what_it_refuses_is_refused() {
    let vectors = vectors();
    for vector in &vectors.vectors {
        let verified = vectors.verify(&vector.data);
        assert_eq!(verified.is_ok(), vector.valid, "{}", vector.name);
        if let Ok(verified) = verified {
            assert_eq!(verified.user.id, vector.user, "{}", vector.name);
            assert_eq!(verified.start_param, vector.start_param, "{}", vector.name);
        }
    }
    let valid = vectors.vectors.iter().filter(|vector| vector.valid);
    assert!(valid.count() >= 4 && vectors.vectors.len() >= 10);
}

#[test]
fn it_is_good_for_a_day_and_a_clock_may_be_a_minute_off() {
    let vectors = vectors();
    let at = |passed: i64| vectors.verify_at(vectors.first(), vectors.auth_date + passed);
    assert!(at(86_400).is_ok());
    assert_eq!(at(86_401), Err(Refused::Expired));
    assert!(at(-60).is_ok());
    assert_eq!(at(-61), Err(Refused::Forged));
    assert_eq!(
        vectors.verify_at(vectors.first(), i64::MIN / 1_000),
        Err(Refused::Forged)
    );
}

#[test]
fn another_bot_is_not_impressed() {
    let vectors = vectors();
    let other = Secret::new("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsax");
    let now = vectors.auth_date * 1_000;
    assert_eq!(
        InitData::verify(vectors.first(), &other, DAY, now),
        Err(Refused::Forged)
    );
}

#[test]
fn pairs_that_come_twice_or_hold_a_line_break_are_refused() {
    let vectors = vectors();
    let data = vectors.first();
    for changed in [
        format!("{data}&auth_date=1"),
        format!("{data}&hash=00"),
        format!("hash=00&{data}"),
        data.replacen('&', "%0A", 1),
        data.replacen('&', "\n", 1),
        String::new(),
        "hash=".to_owned(),
        "a".repeat(LONGEST + 1),
    ] {
        assert_eq!(
            vectors.verify(&changed),
            Err(Refused::Forged),
            "{changed:.80}"
        );
    }
}

proptest! {
    #[test]
    fn nothing_breaks_it(data in ".{0,400}", now in any::<i64>()) {
        let token = Secret::new("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
        prop_assert_eq!(InitData::verify(&data, &token, DAY, now), Err(Refused::Forged));
    }

    /// Written another way (`%7b` for `%7B`) it says the same, and only then it may pass.
    #[test]
    fn a_changed_byte_is_refused(at in any::<prop::sample::Index>(), byte in 1_u8..128, which in 0_usize..4) {
        let vectors = vectors();
        let valid: Vec<_> = vectors.vectors.iter().filter(|vector| vector.valid).collect();
        let data = &valid[which % valid.len()].data;
        let mut changed = data.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(pairs(&changed) != pairs(data));
        prop_assert_eq!(vectors.verify(&changed), Err(Refused::Forged));
    }
}
