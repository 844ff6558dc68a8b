//! JSON with line breaks, its numbers digit by digit as they came: read and written again they might lose some.

/// Deepest indentation; what lies deeper stands below the same margin.
const DEEPEST: usize = 40;

/// The same JSON, indented.
pub fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut signs = json.chars().filter(|sign| *sign != '\r').peekable();
    while let Some(sign) = signs.next() {
        if in_text {
            out.push(sign);
            (in_text, escaped) = (escaped || sign != '"', !escaped && sign == '\\');
            continue;
        }
        match sign {
            '"' => {
                in_text = true;
                out.push(sign);
            }
            '{' | '[' => {
                out.push(sign);
                while signs.peek().is_some_and(|next| next.is_whitespace()) {
                    signs.next();
                }
                if signs.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    out.extend(signs.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(sign);
            }
            ',' => {
                out.push(sign);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            blank if blank.is_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn json_is_indented_and_its_digits_and_texts_stay() {
        let json = r#"{"a":[1.2000,{}],"b":"x, \"{y}\" \\","c":[ ]}"#;
        assert_eq!(
            pretty(json),
            "{\n  \"a\": [\n    1.2000,\n    {}\n  ],\n  \"b\": \"x, \\\"{y}\\\" \\\\\",\n  \"c\": []\n}"
        );
    }
}
