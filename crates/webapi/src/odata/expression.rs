//! `$filter`: tokens into a tree, by recursive descent with a limited depth.

use super::{
    Argument, Comparison, Expression, Lambda, Literal, Operand, Quantifier, QueryOptions, SyntaxError, TextMatch,
    lexer::{Token, TokenKind, tokens},
    limits,
};

const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// Read a filter. Parameter aliases (`@p1`) are looked up in `options`.
pub fn parse_filter(option: &str, text: &str, options: &QueryOptions) -> Result<Expression, SyntaxError> {
    let mut parser = Parser { option, tokens: tokens(option, text)?, next: 0, depth: 0, comparisons: 0, options };
    let expression = parser.or()?;
    parser.expect_end()?;
    Ok(expression)
}

/// Read one constant or a list of constants, as the value of an alias or a parameter.
pub fn parse_argument(option: &str, text: &str) -> Result<Argument, SyntaxError> {
    let none = QueryOptions::default();
    let mut parser =
        Parser { option, tokens: tokens(option, text)?, next: 0, depth: 0, comparisons: 0, options: &none };
    let argument = parser.argument()?;
    parser.expect_end()?;
    Ok(argument)
}

struct Parser<'a> {
    option: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    comparisons: usize,
    options: &'a QueryOptions,
}

/// What stands at a place where both a value and a condition are possible.
enum Term {
    Value(Operand),
    Condition(Expression),
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.and()?];
        while self.take_word("or") {
            parts.push(self.and()?);
        }
        Ok(single_or(parts, Expression::Or))
    }

    fn and(&mut self) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.negation()?];
        while self.take_word("and") {
            parts.push(self.negation()?);
        }
        Ok(single_or(parts, Expression::And))
    }

    fn negation(&mut self) -> Result<Expression, SyntaxError> {
        if self.take_word("not") {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.negation()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, SyntaxError> {
        self.count()?;
        let left = self.term()?;
        if self.take_word("in") {
            let column = self.value(left)?;
            return Ok(Expression::In { column, values: self.value_list()? });
        }
        let Some(comparison) = self.take_comparison() else {
            return Ok(match left {
                Term::Condition(condition) => condition,
                Term::Value(value) => Expression::Alone(value),
            });
        };
        let right = self.term()?;
        match (left, right) {
            (Term::Value(left), Term::Value(right)) => Ok(Expression::Compare { left, comparison, right }),
            (Term::Condition(condition), Term::Value(value)) | (Term::Value(value), Term::Condition(condition)) => {
                self.condition_compared(condition, comparison, &value)
            }
            (Term::Condition(_), Term::Condition(_)) => {
                Err(self.error("two conditions cannot be compared; use and, or, not"))
            }
        }
    }

    /// `contains(name,'x') eq true`, as generic clients write.
    fn condition_compared(
        &self,
        condition: Expression,
        comparison: Comparison,
        value: &Operand,
    ) -> Result<Expression, SyntaxError> {
        match (comparison, value) {
            (Comparison::Eq, Operand::Literal(Literal::Boolean(true)))
            | (Comparison::Ne, Operand::Literal(Literal::Boolean(false))) => Ok(condition),
            (Comparison::Eq, Operand::Literal(Literal::Boolean(false)))
            | (Comparison::Ne, Operand::Literal(Literal::Boolean(true))) => Ok(Expression::Not(Box::new(condition))),
            _ => Err(self.error("a condition can only be compared with true or false")),
        }
    }

    fn term(&mut self) -> Result<Term, SyntaxError> {
        let token = self.advance();
        match token.kind {
            TokenKind::Sign('(') => {
                let inner = self.deeper(Self::or)?;
                self.expect(')')?;
                // `(name) eq 'x'`: brackets around a mere value.
                Ok(match inner {
                    Expression::Alone(value) => Term::Value(value),
                    condition => Term::Condition(condition),
                })
            }
            TokenKind::Literal(literal) => Ok(Term::Value(Operand::Literal(literal))),
            TokenKind::Alias(name) => Ok(Term::Value(Operand::Literal(self.alias_value(&name)?))),
            TokenKind::Word(word) => self.word_term(word),
            TokenKind::End => Err(self.error("something is missing at the end; a comparison looks like: name eq 'x'")),
            TokenKind::Sign(sign) => Err(self.error_at(token.at, &format!("'{sign}' is not expected here"))),
        }
    }

    fn word_term(&mut self, word: String) -> Result<Term, SyntaxError> {
        match word.as_str() {
            "null" => return Ok(Term::Value(Operand::Literal(Literal::Null))),
            "true" => return Ok(Term::Value(Operand::Literal(Literal::Boolean(true)))),
            "false" => return Ok(Term::Value(Operand::Literal(Literal::Boolean(false)))),
            _ => {}
        }
        if self.peek_sign('(') {
            return self.deeper(|parser| parser.call(&word));
        }
        self.path(word)
    }

    fn call(&mut self, name: &str) -> Result<Term, SyntaxError> {
        self.expect('(')?;
        if let Some(how) = TextMatch::named(name) {
            let column = self.operand()?;
            self.expect(',')?;
            let text = self.operand()?;
            self.expect(')')?;
            return Ok(Term::Condition(Expression::Match { how, column, text }));
        }
        if name.eq_ignore_ascii_case("tolower") || name.eq_ignore_ascii_case("toupper") {
            // Text is compared without regard to case anyway.
            let inner = self.operand()?;
            self.expect(')')?;
            return Ok(Term::Value(inner));
        }
        if let Some(function) = name.strip_prefix(NAMESPACE) {
            let arguments = self.arguments()?;
            return Ok(Term::Condition(Expression::Function { name: function.to_owned(), arguments }));
        }
        Err(self.error(&format!(
            "the function '{name}' is not known; there are contains, startswith, endswith and {NAMESPACE}… functions"
        )))
    }

    /// The arguments of a namespaced function behind its opening bracket.
    fn arguments(&mut self) -> Result<Vec<(String, Argument)>, SyntaxError> {
        let mut arguments = Vec::new();
        if self.take_sign(')') {
            return Ok(arguments);
        }
        loop {
            let TokenKind::Word(name) = self.advance().kind else {
                return Err(self.error("the name of a parameter is missing; write PropertyName='createdon'"));
            };
            self.expect('=')?;
            arguments.push((name, self.argument()?));
            if arguments.len() > limits::LIST_ITEMS {
                return Err(self.error("too many parameters"));
            }
            if !self.take_sign(',') {
                self.expect(')')?;
                return Ok(arguments);
            }
        }
    }

    fn argument(&mut self) -> Result<Argument, SyntaxError> {
        if let TokenKind::Alias(name) = &self.peek().kind {
            let name = name.clone();
            self.advance();
            return self.alias(&name);
        }
        if !self.take_sign('[') {
            return Ok(Argument::One(self.literal()?));
        }
        let mut values = Vec::new();
        if self.take_sign(']') {
            return Ok(Argument::Many(values));
        }
        loop {
            self.count()?;
            values.push(self.literal()?);
            if !self.take_sign(',') {
                self.expect(']')?;
                return Ok(Argument::Many(values));
            }
        }
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        match self.operand()? {
            Operand::Literal(literal) => Ok(literal),
            Operand::Path(path) => {
                Err(self.error(&format!("'{}' must be a constant; texts stand in quotes", path.join("/"))))
            }
        }
    }

    fn value_list(&mut self) -> Result<Vec<Operand>, SyntaxError> {
        self.expect('(')?;
        let mut values = Vec::new();
        loop {
            self.count()?;
            values.push(self.operand()?);
            if !self.take_sign(',') {
                self.expect(')')?;
                return Ok(values);
            }
        }
    }

    /// A path, which may turn out to lead to a lambda.
    fn path(&mut self, first: String) -> Result<Term, SyntaxError> {
        let mut path = vec![first];
        while self.take_sign('/') {
            let TokenKind::Word(segment) = self.advance().kind else {
                return Err(self.error("a name is missing behind '/'"));
            };
            let quantifier = match segment.as_str() {
                "any" => Quantifier::Any,
                "all" => Quantifier::All,
                _ => {
                    path.push(segment);
                    if path.len() > limits::LIST_ITEMS {
                        return Err(self.error("the path is too long"));
                    }
                    continue;
                }
            };
            if self.take_sign('(') {
                return self.lambda(path, quantifier);
            }
            path.push(segment);
        }
        Ok(Term::Value(Operand::Path(path)))
    }

    fn lambda(&mut self, path: Vec<String>, quantifier: Quantifier) -> Result<Term, SyntaxError> {
        if quantifier == Quantifier::Any && self.take_sign(')') {
            return Ok(Term::Condition(Expression::Lambda(Lambda { path, quantifier, condition: None })));
        }
        let TokenKind::Word(variable) = self.advance().kind else {
            return Err(self.error("the row's name is missing; write any(o:o/name eq 'x')"));
        };
        self.expect(':')?;
        let condition = self.deeper(Self::or)?;
        self.expect(')')?;
        let condition = Some((variable, Box::new(condition)));
        Ok(Term::Condition(Expression::Lambda(Lambda { path, quantifier, condition })))
    }

    fn operand(&mut self) -> Result<Operand, SyntaxError> {
        let term = self.term()?;
        self.value(term)
    }

    fn value(&self, term: Term) -> Result<Operand, SyntaxError> {
        match term {
            Term::Value(value) => Ok(value),
            Term::Condition(_) => Err(self.error("a column or a constant is expected here, not a condition")),
        }
    }

    fn alias(&self, name: &str) -> Result<Argument, SyntaxError> {
        let text = self
            .options
            .alias(name)
            .ok_or_else(|| self.error(&format!("@{name} has no value; add &@{name}=… to the address")))?;
        parse_argument(&format!("@{name}"), text)
    }

    fn alias_value(&self, name: &str) -> Result<Literal, SyntaxError> {
        match self.alias(name)? {
            Argument::One(literal) => Ok(literal),
            Argument::Many(_) => Err(self.error(&format!("@{name} must be one value here, not a list"))),
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        self.depth += 1;
        if self.depth > limits::FILTER_DEPTH {
            return Err(self.error(&format!("nested more than {} deep; simplify it", limits::FILTER_DEPTH)));
        }
        let result = inner(self)?;
        self.depth -= 1;
        Ok(result)
    }

    fn count(&mut self) -> Result<(), SyntaxError> {
        self.comparisons += 1;
        if self.comparisons > limits::FILTER_COMPARISONS {
            return Err(self.error(&format!("more than {} comparisons; split the request", limits::FILTER_COMPARISONS)));
        }
        Ok(())
    }

    fn peek(&self) -> &Token {
        // The last token is End and never passed.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn peek_sign(&self, sign: char) -> bool {
        self.peek().kind == TokenKind::Sign(sign)
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let there = self.peek_sign(sign);
        if there {
            self.advance();
        }
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = matches!(&self.peek().kind, TokenKind::Word(found) if found == word);
        if there {
            self.advance();
        }
        there
    }

    fn take_comparison(&mut self) -> Option<Comparison> {
        let TokenKind::Word(word) = &self.peek().kind else { return None };
        let comparison = Comparison::named(word)?;
        self.advance();
        Some(comparison)
    }

    fn expect(&mut self, sign: char) -> Result<(), SyntaxError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.error(&format!("'{sign}' is missing"))) }
    }

    fn expect_end(&self) -> Result<(), SyntaxError> {
        match &self.peek().kind {
            TokenKind::End => Ok(()),
            TokenKind::Word(word) => Err(self
                .error(&format!("'{word}' is not expected; comparisons are eq ne gt ge lt le in, joined by and, or"))),
            _ => Err(self.error("there is more text than a filter needs")),
        }
    }

    fn error(&self, message: &str) -> SyntaxError {
        self.error_at(self.peek().at, message)
    }

    fn error_at(&self, at: usize, message: &str) -> SyntaxError {
        SyntaxError::new(self.option, format!("at character {at}: {message}"))
    }
}

fn single_or(mut parts: Vec<Expression>, many: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.swap_remove(0) } else { many(parts) }
}
