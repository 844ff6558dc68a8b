//! What the components promise to people and to the scripts of the page.

use maud::Render;
use pipewright_web::assets::has_icon;
use pipewright_web::components::*;

fn text_field(name: &str, value: &str) -> Field {
    Field::new(name, "Topic", Control::Text { value: value.to_owned(), max_length: None, autocomplete: None })
}

#[test]
fn what_people_typed_is_never_markup() {
    let evil = r#"<script>alert(1)</script>"><b>"#;
    for html in [
        text_field("subject", evil).render().into_string(),
        Cell::Text(evil.to_owned()).render().into_string(),
        Badge::new(evil, Tone::Red).render().into_string(),
    ] {
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }
}

#[test]
fn a_typed_web_address_is_a_link_only_if_it_is_safe_to_follow() {
    let shown = |typed: &str| Cell::Url(typed.to_owned()).render().into_string();
    assert!(shown("contoso.com/about").contains(r#"href="https://contoso.com/about""#));
    assert!(shown("HTTP://contoso.com").contains("href="));
    for dangerous in ["javascript:alert(1)", "data:text/html,x", "javascript:alert.x(1)", " javascript:a.b"] {
        assert!(!shown(dangerous).contains("href="), "{dangerous}");
    }
}

#[test]
fn an_error_and_the_help_are_read_with_the_field() {
    let html = text_field("subject", "").required().help("A few words").error("Enter a topic").render().into_string();
    assert!(html.contains(r#"aria-invalid="true""#));
    assert!(html.contains(r#"aria-describedby="field-subject-error field-subject-help""#));
    assert!(html.contains(r#"id="field-subject-error""#) && html.contains(r#"id="field-subject-help""#));
}

#[test]
fn a_dialog_over_a_form_with_the_same_column_has_its_own_element_ids() {
    let dialog = QuickCreate { fields: vec![text_field("subject", "")], ..QuickCreate::default() };
    let html = dialog.render().into_string();
    assert!(html.contains(r#"id="quick-create-subject""#) && html.contains(r#"name="subject""#));
    assert!(!html.contains(r#"id="field-subject""#));
}

#[test]
fn the_tab_with_errors_is_the_one_that_opens() {
    let tab = |id: &str, field: Field| FormTab {
        id: id.to_owned(),
        label: id.to_owned(),
        sections: vec![FormSection { label: String::new(), columns: 1, items: vec![field.into()] }],
        side: None,
    };
    let form = RecordForm {
        id: "record-form".to_owned(),
        action: "/lead/1".to_owned(),
        csrf: "t".to_owned(),
        version: None,
        header: RecordHeader::default(),
        commands: CommandBar::default(),
        banner: None,
        process: None,
        errors: Vec::new(),
        tabs: vec![tab("summary", text_field("a", "x")), tab("details", text_field("b", "").error("Enter it"))],
        read_only: false,
        has_files: false,
        autosave: None,
        calculation: None,
        checks: None,
        live: None,
        once: None,
    };
    let html = form.render().into_string();
    assert!(html.contains(r#"<div class="tab-pane active show" id="details""#), "{html}");
    assert!(html.contains(r#"name="b" value="" autocomplete="off" form="record-form""#), "{html}");
}

#[test]
fn a_memo_keeps_the_empty_lines_it_begins_with() {
    let control = Control::Memo { value: "\n\nthird line".to_owned(), max_length: None, rows: 3 };
    let html = Field::new("description", "Description", control).render().into_string();
    assert!(html.contains(">\n\n\nthird line</textarea>"), "{html}");
}

#[test]
fn no_component_needs_an_inline_style_or_script() {
    let page = Page {
        title: "x".to_owned(),
        shell: Shell::default(),
        layout: PageLayout::Scrolling,
        content: Progress { total: Some(10), done: 3, ..Progress::default() }.render(),
    };
    let html = page.render().into_string();
    assert!(!html.contains("style=") && !html.contains("<style") && !html.contains("hx-on"));
    assert_eq!(html.matches("<script").count(), html.matches("<script src=").count());
}

#[test]
fn colours_of_other_systems_become_the_nearest_tone() {
    for (colour, tone) in [
        ("#e81123", Tone::Red),
        ("#107c10", Tone::Green),
        ("#0078d4", Tone::Blue),
        ("#ffb900", Tone::Yellow),
        ("#888888", Tone::Grey),
        ("blue", Tone::Grey),
        ("#ééé", Tone::Grey),
    ] {
        assert_eq!(Tone::nearest(colour), tone, "{colour}");
    }
}

#[test]
fn every_icon_named_in_the_components_is_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![folder];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let named = source.split("icon(\"").skip(1).filter_map(|rest| rest.split('"').next());
            for name in named {
                assert!(has_icon(name), "{} names the icon {name}, which ui/icons.txt lacks", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 20);
}
