//! The counting of one column, and the judgement at the end.

use std::collections::HashMap;

use super::{ColumnProfile, Evidence, Kind, MAX_DISTINCT, ValueCount, shape};
use crate::parse::{Amount, Answer, DateOrder, NumberStyle, answer, date_shape};

/// A value longer than this is nothing but text or a web address.
const MAX_TYPED_BYTES: usize = 300;
/// From this length on text is long.
const LONG_TEXT: usize = 200;
const EVIDENCE_LENGTH: usize = 200;

/// How many values are of a kind, and the first that is not.
#[derive(Default)]
struct Fit {
    count: u64,
    misfit: Option<Evidence>,
}

pub(super) struct Tally {
    header: String,
    filled: u64,
    values: HashMap<String, (usize, u64)>,
    all_values: bool,
    max_length: usize,
    line_breaks: bool,
    uuid: Fit,
    email: Fit,
    url: Fit,
    phone: Fit,
    clear_phones: u64,
    words: Fit,
    marks: Fit,
    digits: [bool; 2],
    digit_answers: Fit,
    numbers: [NumberFit; 2],
    style_votes: [Votes; 2],
    style_open: bool,
    leading_zeros: bool,
    currencies: u64,
    currency: Option<String>,
    one_currency: bool,
    dates: Fit,
    timed: bool,
    day_first: Votes,
    month_first: Votes,
    year_first: Votes,
    order_open: bool,
    year_leading: bool,
}

/// Numbers when read in one of the two styles.
#[derive(Default)]
struct NumberFit {
    any: Fit,
    whole: u64,
}

/// Values that decide something, and the first of them.
#[derive(Default)]
struct Votes {
    count: u64,
    first: Option<Evidence>,
}

const STYLES: [NumberStyle; 2] = [NumberStyle::Point, NumberStyle::Comma];

impl Tally {
    pub(super) fn new(header: &str) -> Self {
        Self {
            header: header.to_owned(),
            filled: 0,
            values: HashMap::new(),
            all_values: true,
            max_length: 0,
            line_breaks: false,
            uuid: Fit::default(),
            email: Fit::default(),
            url: Fit::default(),
            phone: Fit::default(),
            clear_phones: 0,
            words: Fit::default(),
            marks: Fit::default(),
            digits: [false; 2],
            digit_answers: Fit::default(),
            numbers: Default::default(),
            style_votes: Default::default(),
            style_open: false,
            leading_zeros: false,
            currencies: 0,
            currency: None,
            one_currency: true,
            dates: Fit::default(),
            timed: false,
            day_first: Votes::default(),
            month_first: Votes::default(),
            year_first: Votes::default(),
            order_open: false,
            year_leading: false,
        }
    }

    pub(super) fn add(&mut self, row: u64, cell: &str) {
        let value = cell.trim();
        if value.is_empty() {
            return;
        }
        self.filled += 1;
        self.max_length = self.max_length.max(value.chars().count());
        self.line_breaks |= value.contains('\n');
        self.count_value(value);
        // Taken out for the time being, because the evidence names it while the tally changes.
        let header = std::mem::take(&mut self.header);
        let evidence =
            || Evidence { column: header.clone(), row, value: value.chars().take(EVIDENCE_LENGTH).collect() };
        let short = value.len() <= MAX_TYPED_BYTES;
        self.url.note(shape::is_url(value), evidence);
        self.uuid.note(short && shape::is_uuid(value), evidence);
        self.email.note(short && shape::is_email(value), evidence);
        self.phone.note(short && shape::may_be_phone(value), evidence);
        self.clear_phones += u64::from(short && shape::is_clearly_phone(value));
        self.add_answer(value, evidence);
        self.add_number(value, evidence);
        self.add_date(value, evidence);
        self.header = header;
    }

    fn count_value(&mut self, value: &str) {
        if let Some((_, count)) = self.values.get_mut(value) {
            *count += 1;
        } else if self.values.len() < MAX_DISTINCT {
            self.values.insert(value.to_owned(), (self.values.len(), 1));
        } else {
            self.all_values = false;
        }
    }

    fn add_answer(&mut self, value: &str, evidence: impl Fn() -> Evidence) {
        let found = answer(value);
        self.words.note(matches!(found, Some(Answer::Word(_))), &evidence);
        self.marks.note(found == Some(Answer::Mark), &evidence);
        self.digit_answers.note(matches!(found, Some(Answer::Digit(_))), &evidence);
        if let Some(Answer::Digit(value)) = found {
            self.digits[usize::from(value)] = true;
        }
    }

    fn add_number(&mut self, value: &str, evidence: impl Fn() -> Evidence) {
        let amount = Amount::read(value);
        let readings = match amount {
            None => [None, None],
            Some(amount) if amount.is_plain() => [amount.value(NumberStyle::Point); 2],
            Some(amount) => STYLES.map(|style| amount.value(style)),
        };
        for (fit, reading) in self.numbers.iter_mut().zip(readings) {
            fit.any.note(reading.is_some(), &evidence);
            fit.whole += u64::from(reading.is_some_and(|number| number.is_integer()));
        }
        let Some(amount) = amount.filter(|_| readings.iter().any(Option::is_some)) else { return };
        if amount.body.contains([',', '.']) {
            match readings {
                [Some(_), None] => self.style_votes[NumberStyle::Point as usize].note(evidence),
                [None, Some(_)] => self.style_votes[NumberStyle::Comma as usize].note(evidence),
                _ => self.style_open = true,
            }
        }
        self.leading_zeros |= amount.has_leading_zero();
        if let Some(currency) = amount.currency {
            self.currencies += 1;
            self.one_currency &= self.currency.as_deref().is_none_or(|known| known == currency);
            self.currency.get_or_insert_with(|| currency.to_owned());
        }
    }

    fn add_date(&mut self, value: &str, evidence: impl Fn() -> Evidence) {
        let shape = date_shape(value);
        self.dates.note(shape.is_some(), &evidence);
        let Some(shape) = shape else { return };
        self.timed |= shape.timed;
        self.order_open |= shape.ambiguous;
        match shape.decides {
            Some(DateOrder::DayFirst) => self.day_first.note(evidence),
            Some(DateOrder::MonthFirst) => self.month_first.note(evidence),
            Some(DateOrder::YearFirst) => self.year_first.note(evidence),
            Some(DateOrder::Ambiguous) | None => self.year_leading |= !shape.ambiguous,
        }
    }

    /// The number style that the values of this column decide, when it is a column of numbers.
    pub(super) fn decided_style(&self) -> Option<(NumberStyle, &Evidence)> {
        let [point, comma] = &self.style_votes;
        let style = if comma.count > point.count { NumberStyle::Comma } else { NumberStyle::Point };
        let evidence = self.style_votes[style as usize].first.as_ref()?;
        self.is_most(self.numbers[style as usize].any.count).then_some((style, evidence))
    }

    fn is_most(&self, count: u64) -> bool {
        self.filled > 0 && count * 100 >= self.filled * 95
    }

    pub(super) fn finish(self, rows: u64, style_of_file: Option<&(NumberStyle, Evidence)>) -> ColumnProfile {
        let judgement = self.judge(rows, style_of_file);
        let mut values: Vec<_> = self.values.into_iter().collect();
        values.sort_by_key(|(_, (place, count))| (std::cmp::Reverse(*count), *place));
        ColumnProfile {
            header: self.header,
            filled: self.filled,
            distinct: values.into_iter().map(|(value, (_, count))| ValueCount { value, count }).collect(),
            distinct_complete: self.all_values,
            max_length: self.max_length,
            kind: judgement.kind,
            number_style: judgement.number_style,
            evidence: judgement.evidence,
            contrary: judgement.contrary,
            exceptions: judgement.fitting.map_or(0, |count| self.filled - count),
            first_exception: judgement.misfit,
        }
    }

    fn judge(&self, rows: u64, style_of_file: Option<&(NumberStyle, Evidence)>) -> Judgement {
        let all = |fit: &Fit| fit.count == self.filled;
        if self.filled == 0 {
            return Judgement::plain(Kind::Empty);
        }
        for (fit, kind) in [(&self.uuid, Kind::Uuid), (&self.email, Kind::Email), (&self.url, Kind::Url)] {
            if self.is_most(fit.count) {
                return Judgement::fitted(kind, fit);
            }
        }
        let digits = all(&self.digit_answers) && self.digits == [true, true];
        if all(&self.words) || digits || (all(&self.marks) && self.filled < rows) {
            return Judgement::plain(Kind::Boolean);
        }
        if self.is_most(self.dates.count) {
            return self.judge_date();
        }
        let number = self.judge_number(style_of_file);
        if let Some(number) = number {
            return number;
        }
        if self.is_most(self.phone.count) && self.clear_phones * 10 >= self.filled * 3 {
            return Judgement::fitted(Kind::Phone, &self.phone);
        }
        let long = self.max_length > LONG_TEXT || self.line_breaks;
        Judgement::plain(if long { Kind::LongText } else { Kind::Text })
    }

    fn judge_date(&self) -> Judgement {
        let mut orders = [
            (DateOrder::DayFirst, &self.day_first),
            (DateOrder::MonthFirst, &self.month_first),
            (DateOrder::YearFirst, &self.year_first),
        ];
        orders.sort_by_key(|(_, votes)| std::cmp::Reverse(votes.count));
        let [(winner, votes), (_, second), _] = orders;
        let order = match votes.count {
            0 if self.order_open || !self.year_leading => DateOrder::Ambiguous,
            0 => DateOrder::YearFirst,
            _ => winner,
        };
        let kind = if self.timed { Kind::DateTime { order } } else { Kind::Date { order } };
        Judgement {
            evidence: votes.first.clone(),
            contrary: second.first.clone(),
            ..Judgement::fitted(kind, &self.dates)
        }
    }

    fn judge_number(&self, style_of_file: Option<&(NumberStyle, Evidence)>) -> Option<Judgement> {
        let (style, evidence) = match (self.decided_style(), style_of_file) {
            (Some((style, evidence)), _) => (style, Some(evidence.clone())),
            (None, Some((style, evidence))) if self.style_open => (*style, Some(evidence.clone())),
            (None, Some((style, _))) => (*style, None),
            (None, None) => (NumberStyle::Point, None),
        };
        let fit = &self.numbers[style as usize];
        if !self.is_most(fit.any.count) || (self.leading_zeros && self.currencies == 0) {
            return None;
        }
        // Telephone numbers are numbers too when they are written without spaces.
        if self.is_most(self.phone.count) && self.clear_phones * 2 > self.filled && evidence.is_none() {
            return None;
        }
        let kind = if self.currencies * 2 >= self.filled {
            Kind::Money { currency: self.currency.clone().filter(|_| self.one_currency) }
        } else if fit.whole == fit.any.count {
            Kind::Whole
        } else {
            Kind::Decimal
        };
        let other = STYLES[1 - style as usize];
        Some(Judgement {
            number_style: Some(style),
            evidence,
            contrary: self.style_votes[other as usize].first.clone(),
            ..Judgement::fitted(kind, &fit.any)
        })
    }
}

impl Fit {
    fn note(&mut self, fits: bool, evidence: impl Fn() -> Evidence) {
        if fits {
            self.count += 1;
        } else if self.misfit.is_none() {
            self.misfit = Some(evidence());
        }
    }
}

impl Votes {
    fn note(&mut self, evidence: impl Fn() -> Evidence) {
        self.count += 1;
        self.first.get_or_insert_with(evidence);
    }
}

struct Judgement {
    kind: Kind,
    number_style: Option<NumberStyle>,
    evidence: Option<Evidence>,
    contrary: Option<Evidence>,
    /// Cells of the kind; `None` when all are.
    fitting: Option<u64>,
    misfit: Option<Evidence>,
}

impl Judgement {
    fn plain(kind: Kind) -> Self {
        Self { kind, number_style: None, evidence: None, contrary: None, fitting: None, misfit: None }
    }

    fn fitted(kind: Kind, fit: &Fit) -> Self {
        Self { fitting: Some(fit.count), misfit: fit.misfit.clone(), ..Self::plain(kind) }
    }
}
