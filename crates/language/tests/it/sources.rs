//! The texts that the sources ask for.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};

/// A text as it is looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    pub context: Option<String>,
    pub english: String,
    pub plural: Option<String>,
}

/// Every text that a catalogue must have.
pub fn wanted() -> BTreeSet<Text> {
    let mut texts = asked_for();
    texts.extend(of_the_model());
    texts
}

/// Everything that stands in a `tr!` or `text!` of the product's crates.
fn asked_for() -> BTreeSet<Text> {
    let mut texts = BTreeSet::new();
    for name in pipewright_language::SPEAKING {
        let folder = name.strip_prefix("pipewright_").unwrap_or(name);
        let mut files = Vec::new();
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src"), &mut files);
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            let tokens: TokenStream = source.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            read(tokens, &mut texts, &file);
        }
    }
    texts
}

/// Every label and description of the shipped model.
fn of_the_model() -> BTreeSet<Text> {
    let mut texts = BTreeSet::new();
    let _ = model::Model::shipped().unwrap().in_other_words(|word| {
        if !word.is_empty() {
            texts.insert(Text { context: Some("model".to_owned()), english: word.clone(), plural: None });
        }
    });
    texts
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(tokens: TokenStream, texts: &mut BTreeSet<Text>, file: &Path) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let is_macro = at >= 2
            && matches!(&tokens[at - 1], TokenTree::Punct(mark) if mark.as_char() == '!')
            && matches!(&tokens[at - 2], TokenTree::Ident(name) if name == "tr" || name == "text");
        if is_macro {
            texts.insert(text_of(group.stream(), file));
        }
        read(group.stream(), texts, file);
    }
}

/// `"text"`, `"context" => "text"`, `"one" | "many" % count`.
fn text_of(tokens: TokenStream, file: &Path) -> Text {
    let mut tokens = tokens.into_iter().peekable();
    let mut literal = || {
        let token = tokens.next();
        let value = token.as_ref().and_then(string);
        let value = value.unwrap_or_else(|| panic!("{}: tr! takes a text, not {token:?}", file.display()));
        let mark = match tokens.peek() {
            Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
            _ => None,
        };
        if mark == Some('=') {
            tokens.next();
        }
        if matches!(mark, Some('=' | '|')) {
            tokens.next();
        }
        (value, mark)
    };
    let (first, mark) = literal();
    let (context, (english, mark)) = if mark == Some('=') { (Some(first), literal()) } else { (None, (first, mark)) };
    let plural = (mark == Some('|')).then(|| literal().0);
    Text { context, english, plural }
}

/// The value of a literal of text.
fn string(token: &TokenTree) -> Option<String> {
    syn::parse2::<syn::LitStr>(token.clone().into()).ok().map(|literal| literal.value())
}
