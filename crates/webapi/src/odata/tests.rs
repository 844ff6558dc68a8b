use super::{expression::parse_filter, *};

fn filter(text: &str) -> Result<Expression, SyntaxError> {
    parse_filter("$filter", text, &QueryOptions::default())
}

fn printed(text: &str) -> String {
    filter(text).map_or_else(|error| panic!("{text}: {error}"), |expression| expression.to_string())
}

fn refused(text: &str) -> String {
    match filter(text) {
        Ok(expression) => panic!("{text} was read as {expression}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn and_binds_closer_than_or_and_brackets_decide() {
    assert_eq!(printed("a eq 1 or b eq 2 and c eq 3"), "a eq 1 or (b eq 2 and c eq 3)");
    assert_eq!(printed("(a eq 1 or b eq 2) and c eq 3"), "(a eq 1 or b eq 2) and c eq 3");
    assert_eq!(printed("not (a eq 1) and not contains(b,'x')"), "not (a eq 1) and not (contains(b,'x'))");
}

#[test]
fn texts_keep_quotes_percent_signs_and_letters_of_all_alphabets() {
    let Ok(Expression::Compare { right: Operand::Literal(Literal::Text(text)), .. }) =
        filter("name eq 'O''Brien & 100%_+Ünïcødé 日本'")
    else {
        panic!("no comparison with a text");
    };
    assert_eq!(text, "O'Brien & 100%_+Ünïcødé 日本");
}

#[test]
fn constants_are_told_apart_by_their_looks() {
    let constant = |text: &str| match filter(&format!("a eq {text}")) {
        Ok(Expression::Compare { right: Operand::Literal(literal), .. }) => literal,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(constant("null"), Literal::Null);
    assert_eq!(constant("true"), Literal::Boolean(true));
    assert_eq!(constant("-7"), Literal::Whole(-7));
    assert_eq!(constant("922337203685477.5807"), Literal::Decimal("922337203685477.5807".parse().unwrap()));
    assert_eq!(constant("1e3"), Literal::Decimal(1000.into()));
    assert!(matches!(constant("6F9619FF-8B86-D011-B42D-00C04FC964FF"), Literal::Guid(_)));
    assert!(matches!(constant("2027-02-28"), Literal::Date(_)));
    assert_eq!(constant("2027-03-01T10:30:00+02:00"), constant("2027-03-01T08:30:00Z"));
    assert_eq!(constant("2027-03-01T08:30:00.123Z").to_string(), "2027-03-01T08:30:00.123Z");
}

#[test]
fn function_names_of_text_may_be_written_in_any_case() {
    assert_eq!(printed("startsWith(name,'A') or ENDSWITH(name,'z')"), "startswith(name,'A') or endswith(name,'z')");
    assert_eq!(printed("contains(tolower(name),'x') eq true"), "contains(name,'x')");
    assert_eq!(printed("contains(name,'x') eq false"), "not (contains(name,'x'))");
}

#[test]
fn lambdas_name_their_rows() {
    assert_eq!(
        printed("Opportunity_Tasks/any(t:t/subject eq 'x' and t/statecode eq 0)"),
        "Opportunity_Tasks/any(t:t/subject eq 'x' and t/statecode eq 0)"
    );
    assert_eq!(printed("tasks/any()"), "tasks/any()");
    assert_eq!(printed("a/all(o:o/b/any(p:p/c eq 1))"), "a/all(o:o/b/any(p:p/c eq 1))");
}

#[test]
fn crm_functions_take_named_arguments_with_either_quote() {
    assert_eq!(
        printed("Microsoft.Dynamics.CRM.In(PropertyName='statuscode',PropertyValues=[\"1\",'2'])"),
        "Microsoft.Dynamics.CRM.In(PropertyName='statuscode',PropertyValues=['1','2'])"
    );
    assert_eq!(
        printed("Microsoft.Dynamics.CRM.Today(PropertyName='createdon')"),
        "Microsoft.Dynamics.CRM.Today(PropertyName='createdon')"
    );
}

#[test]
fn aliases_are_replaced_by_their_values() {
    let options = QueryOptions::parse("%24filter=name+eq+%40n+and+Microsoft.Dynamics.CRM.In(PropertyName=%40p,PropertyValues=@v)&@n='O''B%2B1'&@p='statuscode'&@v=['1','2']").unwrap();
    assert_eq!(
        options.filter().unwrap().unwrap().to_string(),
        "name eq 'O''B+1' and Microsoft.Dynamics.CRM.In(PropertyName='statuscode',PropertyValues=['1','2'])"
    );
    assert!(
        QueryOptions::parse("$filter=name eq @x")
            .unwrap()
            .filter()
            .unwrap_err()
            .to_string()
            .contains("@x has no value")
    );
}

#[test]
fn mistakes_name_the_place_and_what_would_be_right() {
    assert_eq!(
        refused("name eq 'open"),
        "$filter: at character 9: a text that begins here has no closing quote; write a quote inside a text twice: 'O''Brien'"
    );
    assert_eq!(
        refused("name is 'x'"),
        "$filter: at character 6: 'is' is not expected; comparisons are eq ne gt ge lt le in, joined by and, or"
    );
    assert!(refused("length(name) eq 3").contains("the function 'length' is not known"));
    assert!(refused("name eq 12abc").contains("'12abc' is no number"));
    assert!(refused("(name eq 'x'").contains("')' is missing"));
    assert!(refused("").contains("something is missing"));
}

#[test]
fn hostile_nesting_is_refused_instead_of_exhausting_the_stack() {
    for open in ["(", "not ", "contains(", "tolower(", "a/any(x:", "not("] {
        assert!(filter(&open.repeat(100_000)).is_err());
    }
    let many = vec!["a eq 1"; limits::FILTER_COMPARISONS + 1].join(" or ");
    assert!(refused(&many).contains("more than"));
    let deep = format!("{}a{}", "a($expand=".repeat(50), ")".repeat(50));
    assert!(expand(&deep).is_err());
}

fn expand(text: &str) -> Result<Vec<ExpandItem>, SyntaxError> {
    QueryOptions::parse(&format!("$expand={}", encode(text)))?.expand()
}

#[test]
fn expansions_nest_with_their_own_options() {
    let items = expand("primarycontactid($select=fullname,emailaddress1;$expand=ownerid($select=fullname)),Account_Tasks($filter=subject eq 'a;b,(c)';$orderby=createdon desc;$top=3)").unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].select.as_deref(), Some(["fullname".to_owned(), "emailaddress1".to_owned()].as_slice()));
    assert_eq!(items[0].expand[0].navigation, "ownerid");
    assert_eq!(items[1].filter.as_ref().unwrap().to_string(), "subject eq 'a;b,(c)'");
    assert_eq!((items[1].order[0].descending, items[1].top), (true, Some(3)));
    assert!(expand("a($skip=1)").unwrap_err().to_string().contains("'skip' is not possible inside a(…)"));
}

#[test]
fn apply_reads_filters_groups_and_values() {
    let options = QueryOptions::parse("$apply=filter(statecode eq 0)/groupby((statuscode,customerid_account/name),aggregate($count as n,estimatedvalue with sum as total))").unwrap();
    let apply = options.apply().unwrap().unwrap();
    assert_eq!(apply.filters.len(), 1);
    assert_eq!(
        apply.group_by,
        [vec!["statuscode".to_owned()], vec!["customerid_account".to_owned(), "name".to_owned()]]
    );
    assert_eq!(
        (apply.aggregates[0].method, apply.aggregates[1].method),
        (AggregateMethod::Count, AggregateMethod::Sum)
    );
    for wrong in [
        "groupby(statuscode)",
        "aggregate(x with median as y)",
        "filter(a eq 1)",
        "groupby((a))/filter(b eq 1)",
        "aggregate(x with sum as a,y with sum as a)",
    ] {
        assert!(QueryOptions::parse(&format!("$apply={wrong}")).unwrap().apply().is_err(), "{wrong}");
    }
}

#[test]
fn query_strings_are_decoded_and_unknown_options_refused_by_name() {
    let options = QueryOptions::parse("%24top=5&$count=true&x=1&&$orderby=name%20desc,%20a/b").unwrap();
    assert_eq!(options.top().unwrap(), Some(5));
    assert!(options.count().unwrap());
    assert_eq!(options.order().unwrap()[1].path, ["a", "b"]);
    assert!(options.allow(&["$top", "$count", "$orderby"]).is_ok());
    assert_eq!(options.allow(&["$top", "$count"]).unwrap_err().to_string(), "$orderby: not possible on this request");
    let error = QueryOptions::parse("$Filter=a").unwrap().allow(&["$filter"]).unwrap_err();
    assert_eq!(error.to_string(), "$Filter: not known; write $filter");
    assert_eq!(QueryOptions::parse("$top=1&$top=2").unwrap_err().to_string(), "$top: given twice");
    assert_eq!(
        QueryOptions::parse("$top=-1").unwrap().top().unwrap_err().to_string(),
        "$top: '-1' must be a whole number from 0"
    );
}

#[test]
fn a_query_string_written_again_means_the_same() {
    let options = QueryOptions::parse("$filter=name+eq+'a%2Bb%26c'&$skiptoken=x&$select=a,b").unwrap();
    let again = QueryOptions::parse(&options.without(&["$skiptoken"])).unwrap();
    assert_eq!(
        (again.get("$filter"), again.get("$select"), again.get("$skiptoken")),
        (Some("name eq 'a+b&c'"), Some("a,b"), None)
    );
}

#[test]
fn paths_are_cut_into_segments_with_keys() {
    let path = |text: &str| ResourcePath::parse(text, &QueryOptions::default());
    assert!(path("").unwrap().segments.is_empty());
    let found = path("leads(6F9619FF-8B86-D011-B42D-00C04FC964FF)/Microsoft.Dynamics.CRM.QualifyLead").unwrap();
    assert_eq!(found.segments[0].id().unwrap().to_string(), "6f9619ff-8b86-d011-b42d-00c04fc964ff");
    assert_eq!(found.segments[1].name, "Microsoft.Dynamics.CRM.QualifyLead");
    let found = path("accounts(accountnumber='A''1%2F(2)',name='x')/name/$value").unwrap();
    let key = found.segments[0].key.as_ref().unwrap();
    assert_eq!((key[0].name.as_deref(), &key[0].value), (Some("accountnumber"), &Literal::Text("A'1/(2)".to_owned())));
    assert_eq!(path("WhoAmI()").unwrap().segments[0].key, Some(Vec::new()));
    assert!(path("leads('x')").unwrap_err().to_string().contains("no GUID"));
    assert!(path("leads(").is_err());
    assert!(path("leads)").is_err());
}
