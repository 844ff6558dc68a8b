//! Text to expression: a tokenizer and a recursive descent parser.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::{Binary, Expression, Function};
use crate::{Value, ValueError};

/// Longest formula in characters.
const LONGEST: usize = 4_000;
/// Most words and signs; with [`DEEPEST`] it bounds the depth of the expression.
const MOST_TOKENS: usize = 1_000;
/// Deepest nesting; keeps hostile input from exhausting the stack.
const DEEPEST: usize = 60;

pub(super) fn parse(text: &str) -> Result<Expression, ValueError> {
    if text.chars().count() > LONGEST {
        return Err(ValueError::new(format!("a formula has at most {LONGEST} characters")));
    }
    let tokens = tokens(text)?;
    if tokens.len() > MOST_TOKENS {
        return Err(ValueError::new(format!("a formula has at most {MOST_TOKENS} words and signs")));
    }
    let mut parser = Parser { tokens, next: 0, depth: 0 };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Decimal),
    Text(String),
    Name(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 14] = ["!=", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ","];

/// Tokens with the position of their first character, counted from 1.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ValueError> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        let character = characters[at];
        let token = if character.is_whitespace() {
            at += 1;
            continue;
        } else if character == '\'' || character == '"' {
            quoted(&characters, &mut at)?
        } else if character.is_ascii_digit() {
            let digits = run(&characters, &mut at, |c| c.is_ascii_digit() || c == '.');
            let number = Decimal::from_str(&digits)
                .map_err(|_| error(start, &format!("'{digits}' is not a number; write for instance 12.5")))?;
            Token::Number(number)
        } else if character.is_ascii_alphabetic() || character == '_' {
            Token::Name(run(&characters, &mut at, |c| c.is_ascii_alphanumeric() || c == '_').to_lowercase())
        } else {
            symbol(&characters, &mut at)?
        };
        found.push((start + 1, token));
    }
    Ok(found)
}

fn quoted(characters: &[char], at: &mut usize) -> Result<Token, ValueError> {
    let start = *at;
    let quote = characters[start];
    let mut text = String::new();
    *at += 1;
    loop {
        match characters.get(*at) {
            None => return Err(error(start, "the text that begins here is not closed by a quote")),
            // A doubled quote stands for itself.
            Some(c) if *c == quote && characters.get(*at + 1) == Some(&quote) => {
                text.push(quote);
                *at += 2;
            }
            Some(c) if *c == quote => {
                *at += 1;
                return Ok(Token::Text(text));
            }
            Some(c) => {
                text.push(*c);
                *at += 1;
            }
        }
    }
}

fn run(characters: &[char], at: &mut usize, belongs: impl Fn(char) -> bool) -> String {
    let start = *at;
    while characters.get(*at).is_some_and(|c| belongs(*c)) {
        *at += 1;
    }
    characters[start..*at].iter().collect()
}

fn symbol(characters: &[char], at: &mut usize) -> Result<Token, ValueError> {
    let rest: String = characters[*at..].iter().take(2).collect();
    let symbol = SYMBOLS
        .into_iter()
        .find(|symbol| rest.starts_with(symbol))
        .ok_or_else(|| error(*at, &format!("'{}' has no meaning here", characters[*at])))?;
    *at += symbol.len();
    Ok(Token::Symbol(symbol))
}

fn error(index: usize, message: &str) -> ValueError {
    ValueError::new(format!("at character {}: {message}", index + 1))
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

type Parsed = Result<Expression, ValueError>;

impl Parser {
    fn either(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ValueError::new(format!("a formula is nested at most {DEEPEST} deep")));
        }
        let mut left = self.both()?;
        while self.take_name("or") {
            left = binary(Binary::Or, left, self.both()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Parsed {
        let mut left = self.negation()?;
        while self.take_name("and") {
            left = binary(Binary::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed {
        let mut negated = false;
        while self.take_name("not") {
            negated = !negated;
        }
        let inner = self.comparison()?;
        Ok(if negated { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let operator = match self.peek() {
            Some(Token::Symbol("=")) => Binary::Equal,
            Some(Token::Symbol("!=" | "<>")) => Binary::NotEqual,
            Some(Token::Symbol("<")) => Binary::Less,
            Some(Token::Symbol("<=")) => Binary::LessOrEqual,
            Some(Token::Symbol(">")) => Binary::Greater,
            Some(Token::Symbol(">=")) => Binary::GreaterOrEqual,
            _ => return Ok(left),
        };
        self.next += 1;
        let right = self.sum()?;
        Ok(binary(operator, left, right))
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("+")) => Binary::Add,
                Some(Token::Symbol("-")) => Binary::Subtract,
                _ => return Ok(left),
            };
            self.next += 1;
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.signed()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("*")) => Binary::Multiply,
                Some(Token::Symbol("/")) => Binary::Divide,
                _ => return Ok(left),
            };
            self.next += 1;
            left = binary(operator, left, self.signed()?);
        }
    }

    fn signed(&mut self) -> Parsed {
        let mut negative = false;
        while self.take_symbol("-") {
            negative = !negative;
        }
        let inner = self.primary()?;
        Ok(if negative { Expression::Negate(Box::new(inner)) } else { inner })
    }

    fn primary(&mut self) -> Parsed {
        match self.peek().cloned() {
            Some(Token::Number(number)) => Ok(self.literal(Value::Decimal(number))),
            Some(Token::Text(text)) => Ok(self.literal(Value::Text(text))),
            Some(Token::Name(name)) => self.named(name),
            Some(Token::Symbol("(")) => {
                self.next += 1;
                let inner = self.either()?;
                self.expect(")")?;
                Ok(inner)
            }
            _ => Err(self.unexpected("a number, text, a column or a function")),
        }
    }

    fn literal(&mut self, value: Value) -> Expression {
        self.next += 1;
        Expression::Literal(value)
    }

    fn named(&mut self, name: String) -> Parsed {
        if matches!(name.as_str(), "and" | "or" | "not") {
            return Err(self.unexpected("a number, text, a column or a function"));
        }
        let position = self.position();
        self.next += 1;
        if !self.take_symbol("(") {
            return Ok(match name.as_str() {
                "true" => Expression::Literal(Value::Boolean(true)),
                "false" => Expression::Literal(Value::Boolean(false)),
                "null" => Expression::Literal(Value::Null),
                _ => Expression::Column(name),
            });
        }
        let function = Function::named(&name).ok_or_else(|| {
            ValueError::new(format!(
                "at character {position}: there is no function {name}; there are {}",
                Function::ALL.map(|(name, ..)| name).join(", ")
            ))
        })?;
        let arguments = self.arguments()?;
        function.check_count(arguments.len(), position)?;
        Ok(Expression::Call(function, arguments))
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, ValueError> {
        let mut arguments = Vec::new();
        if self.take_symbol(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.either()?);
            if !self.take_symbol(",") {
                self.expect(")")?;
                return Ok(arguments);
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |(position, _)| *position)
    }

    fn take_symbol(&mut self, symbol: &'static str) -> bool {
        let found = self.peek() == Some(&Token::Symbol(symbol));
        self.next += usize::from(found);
        found
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == name);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ValueError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    fn unexpected(&self, wanted: &str) -> ValueError {
        match self.tokens.get(self.next) {
            None => ValueError::new(format!("the formula ends where {wanted} should stand")),
            Some((position, _)) => ValueError::new(format!("at character {position}: {wanted} should stand here")),
        }
    }
}

fn binary(operator: Binary, left: Expression, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}

impl Function {
    /// Name, function, fewest and most arguments.
    pub(super) const ALL: [(&'static str, Self, usize, usize); 15] = [
        ("if", Self::If, 2, 3),
        ("coalesce", Self::Coalesce, 1, 30),
        ("join", Self::Join, 2, 30),
        ("concat", Self::Concat, 1, 30),
        ("round", Self::Round, 1, 2),
        ("abs", Self::Abs, 1, 1),
        ("min", Self::Min, 1, 30),
        ("max", Self::Max, 1, 30),
        ("upper", Self::Upper, 1, 1),
        ("lower", Self::Lower, 1, 1),
        ("days_between", Self::DaysBetween, 2, 2),
        ("year", Self::Year, 1, 1),
        ("month", Self::Month, 1, 1),
        ("day", Self::Day, 1, 1),
        ("is_empty", Self::IsEmpty, 1, 1),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, function, ..)| *function)
    }

    /// The name in a formula.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, function, ..)| *function == self).map_or("", |(name, ..)| name)
    }

    fn check_count(self, count: usize, position: usize) -> Result<(), ValueError> {
        let bounds = Self::ALL.iter().find(|(_, function, ..)| *function == self);
        let Some((name, _, fewest, most)) = bounds else { return Ok(()) };
        if (*fewest..=*most).contains(&count) {
            return Ok(());
        }
        let wanted = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
        Err(ValueError::new(format!("at character {position}: {name} takes {wanted} arguments, not {count}")))
    }
}
