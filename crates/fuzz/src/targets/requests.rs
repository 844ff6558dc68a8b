//! Requests to the Web API and the pages, through their routers: addresses, bodies, forms, cookies.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use crm::{App, identity::SetUp};
use testkit::Scratch;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::{kind, texts};
use crate::Target;

/// Who asks.
const EMAIL: &str = "ada@contoso.example";
const PASSWORD: &str = "correct horse battery";
/// Characters that stand in an address as they are; all others are written with a percent sign.
const PLAIN: &[u8] = b"-._~:/?#[]@!$&'()*+,;=%";

/// An organisation with some rows, and its routers.
pub(super) struct Site {
    runtime: Runtime,
    api: Router,
    pages: Router,
    token: String,
    cookie: String,
    /// The token against forged requests that the pages ask for.
    csrf: String,
    _scratch: Scratch,
}

pub(super) struct Answer {
    status: StatusCode,
    text: String,
}

impl Site {
    pub(super) fn open() -> Self {
        let scratch = Scratch::new().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let url = store::DatabaseUrl::Sqlite(scratch.file("crm.db"));
        let (api, pages, token) = runtime.block_on(async {
            let app = App::open(&url).await.unwrap();
            let set_up = SetUp {
                organization: "Contoso".into(),
                admin_email: EMAIL.into(),
                admin_password: Some(PASSWORD.into()),
                ..SetUp::default()
            };
            let admin = app.identity().set_up(set_up).await.unwrap();
            let admin = app.caller(admin).await.unwrap();
            let token = app.identity().create_token(&admin, admin.user, "fuzz", 1).await.unwrap();
            (webapi::router(app.clone(), None), web::router(app), token)
        });
        let mut site =
            Self { runtime, api, pages, token, cookie: String::new(), csrf: String::new(), _scratch: scratch };
        site.sign_in();
        for body in [
            r#"{"subject": "Robots", "lastname": "Berg", "companyname": "Fabrikam", "budgetamount": 500}"#,
            r#"{"subject": "Conveyors", "lastname": "Kunde", "leadqualitycode": 1}"#,
        ] {
            let answer = site.api("POST", "/api/data/v9.2/leads", body.as_bytes().to_vec()).unwrap();
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
        }
        site
    }

    fn sign_in(&mut self) {
        let request = Request::get("/sign-in").header(header::HOST, "crm.example").body(Body::empty()).unwrap();
        let (first, text) = self.whole(&self.pages, request);
        let csrf = form_token(&text);
        let form = format!("csrf={csrf}&email=ada%40contoso.example&password=correct+horse+battery");
        let request = Request::post("/sign-in")
            .header(header::HOST, "crm.example")
            .header(header::COOKIE, first)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        self.cookie = self.whole(&self.pages, request).0;
        let answer = self.page("GET", "/leads", "", Some(&self.cookie.clone())).unwrap();
        assert_eq!(answer.status, StatusCode::OK, "signing in failed: {}", answer.text);
        self.csrf = form_token(&answer.text);
    }

    /// The cookies an answer sets, and its text.
    fn whole(&self, router: &Router, request: Request<Body>) -> (String, String) {
        self.runtime.block_on(async {
            let response = router.clone().oneshot(request).await.unwrap();
            let cookies: Vec<String> = response
                .headers()
                .get_all(header::SET_COOKIE)
                .iter()
                .filter_map(|cookie| Some(cookie.to_str().ok()?.split(';').next()?.to_owned()))
                .collect();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (cookies.join("; "), String::from_utf8_lossy(&body).into_owned())
        })
    }

    /// None where this is no request at all.
    pub(super) fn api(&self, method: &str, path: &str, body: Vec<u8>) -> Option<Answer> {
        self.api_of_type("application/json", method, path, body)
    }

    pub(super) fn api_of_type(&self, kind: &str, method: &str, path: &str, body: Vec<u8>) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "crm.example")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        Some(self.ask(&self.api, request.ok()?))
    }

    /// A form for the token endpoint, sent by nobody that is signed in.
    pub(super) fn token_form(&self, body: Vec<u8>) -> Answer {
        let request = Request::post("/oauth2/token")
            .header(header::HOST, "crm.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.ask(&self.api, request.expect("nothing in it is bent but the body"))
    }

    fn page(&self, method: &str, path: &str, body: &str, cookie: Option<&str>) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "crm.example")
            .header(header::COOKIE, cookie.unwrap_or_default())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()));
        Some(self.ask(&self.pages, request.ok()?))
    }

    fn ask(&self, router: &Router, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = router.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            Answer { status, text: String::from_utf8_lossy(&body).into_owned() }
        })
    }
}

/// A server may refuse; it may not fail.
pub(super) fn judged(answer: Option<Answer>) -> Result<u64, String> {
    let Some(Answer { status, text }) = answer else { return Ok(0) };
    if status.is_server_error() {
        return Err(format!("answered {status}: {text:.500}"));
    }
    // Of an answer that succeeds only that is of interest; a refusal has its reason.
    let reason = text.split("<h1").nth(1).unwrap_or(&text);
    Ok(if status.is_success() { u64::from(status.as_u16()) } else { kind(reason) })
}

/// An address with whatever cannot stand in one written as it must be.
pub(super) fn address(input: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || PLAIN.contains(byte);
    input.iter().map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn form_token(text: &str) -> String {
    let rest = text.split("name=\"csrf\" value=\"").nth(1);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Addresses of the Web API.
pub(super) struct OData {
    site: Site,
}

impl OData {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for OData {
    fn name(&self) -> &'static str {
        "odata"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "leads?$select=subject,lastname&$filter=contains(subject,'Rob') and budgetamount gt 100&$orderby=createdon desc&$top=5",
            "leads?$filter=(statecode eq 0 or not (lastname eq null)) and startswith(companyname,'Fab')&$count=true",
            "leads?$apply=filter(statecode eq 0)/groupby((leadqualitycode),aggregate(budgetamount with sum as total,$count as n))",
            "leads?$expand=parentaccountid($select=name;$expand=primarycontactid($select=fullname)),ownerid&$select=subject",
            "leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)?$select=subject",
            "leads(subject='Robots')/parentaccountid/name/$value",
            "accounts?$filter=Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)",
            "leads?$filter=createdon ge 2026-01-01T00:00:00Z and year(createdon) eq 2026&$orderby=lastname,subject desc",
            "accounts?$filter=account_parent_account/any(a:a/name eq 'x' and a/revenue gt 5.5)",
            "opportunities/$count?$filter=estimatedvalue add 5 gt 10",
            "leads?$filter=Microsoft.Dynamics.CRM.In(PropertyName='statecode',PropertyValues=['0','1'])&$skiptoken=abc",
            "$metadata",
            "WhoAmI",
            "EntityDefinitions(LogicalName='lead')/Attributes?$select=LogicalName",
            "leads?fetchXml=<fetch top='5'><entity name='lead'><attribute name='subject'/></entity></fetch>",
            "leads?savedQuery=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "$batch",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "$filter=",
            "$select=",
            "$orderby=",
            "$expand=",
            "$apply=",
            "$top=",
            "$skip=",
            "$count=true",
            "$search=",
            "$skiptoken=",
            "&",
            "?",
            " and ",
            " or ",
            "not ",
            " eq ",
            " ne ",
            " gt ",
            " in ",
            "null",
            "true",
            "'",
            "''",
            "(",
            ")",
            ",",
            "/",
            ";",
            "any(x:",
            "all(x:",
            "contains(",
            "startswith(",
            "endswith(",
            "year(",
            "now()",
            "groupby((",
            "aggregate(",
            " with sum as ",
            "$count",
            "filter(",
            "subject",
            "lastname",
            "statecode",
            "createdon",
            "_ownerid_value",
            "ownerid",
            "parentaccountid",
            "budgetamount",
            "versionnumber",
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "1.5",
            "desc",
            "$ref",
            "$value",
            "leads",
            "accounts",
            "activityparties",
            "regardingobjectid",
            "01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "@p1",
            "&@p1='x'",
            "Microsoft.Dynamics.CRM.",
            "PropertyName=",
            "concat(",
            "topcount(1,budgetamount)",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        judged(self.site.api("GET", &format!("/api/data/v9.2/{}", address(input)), Vec::new()))
    }
}

/// Bodies of batches.
pub(super) struct Batch {
    site: Site,
}

impl Batch {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Batch {
    fn name(&self) -> &'static str {
        "batch"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "--b\r\nContent-Type: application/http\r\n\r\nGET leads?$select=subject&$top=2 HTTP/1.1\r\nPrefer: odata.maxpagesize=1\r\n\r\n\r\n--b--\r\n",
            "--b\nContent-Type: application/http\n\nPOST /api/data/v9.2/leads HTTP/1.1\nContent-Type: application/json\n\n{\"subject\": \"x\", \"lastname\": \"y\"}\n--b--",
            "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST accounts HTTP/1.1\r\n\r\n{\"name\": \"a\"}\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nPOST contacts HTTP/1.1\r\n\r\n{\"lastname\": \"b\", \"parentcustomerid_account@odata.bind\": \"$1\"}\r\n--c\r\nContent-Type: application/http\r\n\r\nPATCH $1 HTTP/1.1\r\n\r\n{\"name\": \"c\"}\r\n--c--\r\n--b--\r\n",
            "--b\r\nContent-Type: application/http\r\n\r\nDELETE leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52) HTTP/1.1\r\nIf-Match: W/\"1\"\r\n\r\n--b\r\n\r\nGET leads/$count HTTP/1.1\r\n\r\n--b--",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "--b",
            "--b--",
            "--c",
            "--c--",
            "\r\n",
            "\n\n",
            "Content-Type: multipart/mixed; boundary=c",
            "Content-Type: application/http",
            "Content-ID: 1",
            "Content-ID: $1",
            "GET ",
            "PUT $1/primarycontactid/$ref HTTP/1.1",
            "$batch",
            "\"@odata.id\": \"$2\"",
            "HTTP/1.1",
            "http://h/api/data/v9.2/",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        judged(self.site.api_of_type("multipart/mixed; boundary=b", "POST", "/api/data/v9.2/$batch", input.to_vec()))
    }
}

/// Bodies of the Web API; the first line is the method and the path.
pub(super) struct Json {
    site: Site,
}

impl Json {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "POST leads\n{\"subject\": \"Robots\", \"lastname\": \"Berg\", \"budgetamount\": 12.5, \"leadqualitycode\": 1, \"donotemail\": true}",
            "POST accounts\n{\"name\": \"Fabrikam\", \"primarycontactid\": {\"lastname\": \"Deep\"}, \"revenue\": 1e3}",
            "POST opportunities\n{\"name\": \"Deal\", \"customerid_account@odata.bind\": \"/accounts(01a20ea3-80f6-7595-82f5-cff19ea9bd52)\", \"estimatedclosedate\": \"2026-11-24\"}",
            "PATCH leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)\n{\"subject\": null, \"createdon\": \"2026-11-24T10:00:00Z\"}",
            "POST phonecalls\n{\"subject\": \"Call\", \"phonecall_activity_parties\": [{\"participationtypemask\": 1}], \"actualdurationminutes\": 30}",
            "POST WinOpportunity\n{\"Status\": 3, \"OpportunityClose\": {\"subject\": \"Won\", \"opportunityid@odata.bind\": \"/opportunities(01a20ea3-80f6-7595-82f5-cff19ea9bd52)\"}}",
            "PUT leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)/subject\n{\"value\": \"x\"}",
            "POST leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)/Microsoft.Dynamics.CRM.QualifyLead\n{\"CreateAccount\": true, \"CreateContact\": true, \"CreateOpportunity\": true, \"Status\": 3}",
            "POST GrantAccess\n{\"Target\": {\"@odata.type\": \"Microsoft.Dynamics.CRM.lead\", \"leadid\": \"01a20ea3-80f6-7595-82f5-cff19ea9bd52\"}, \"PrincipalAccess\": {\"AccessMask\": \"ReadAccess\"}}",
            "POST EntityDefinitions\n{\"SchemaName\": \"new_Plan\", \"DisplayName\": {\"LocalizedLabels\": [{\"Label\": \"Plan\", \"LanguageCode\": 1033}]}, \"Attributes\": [{\"@odata.type\": \"Microsoft.Dynamics.CRM.StringAttributeMetadata\", \"SchemaName\": \"new_Name\", \"IsPrimaryName\": true, \"MaxLength\": 50}]}",
            "POST EntityDefinitions(LogicalName='lead')/Attributes\n{\"@odata.type\": \"Microsoft.Dynamics.CRM.PicklistAttributeMetadata\", \"SchemaName\": \"new_Kind\", \"DefaultFormValue\": 1, \"OptionSet\": {\"IsGlobal\": false, \"Options\": [{\"Value\": 1, \"Label\": {\"LocalizedLabels\": [{\"Label\": \"A\", \"LanguageCode\": 1031}]}}]}}",
            "PUT EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='subject')\n{\"@odata.type\": \"Microsoft.Dynamics.CRM.StringAttributeMetadata\", \"MaxLength\": 200, \"RequiredLevel\": {\"Value\": \"Recommended\"}}",
            "POST RelationshipDefinitions\n{\"@odata.type\": \"Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata\", \"SchemaName\": \"new_account_leads\", \"ReferencedEntity\": \"account\", \"ReferencingEntity\": \"lead\", \"CascadeConfiguration\": {\"Delete\": \"Restrict\"}, \"Lookup\": {\"SchemaName\": \"new_AccountId\"}}",
            "POST InsertOptionValue\n{\"EntityLogicalName\": \"lead\", \"AttributeLogicalName\": \"leadsourcecode\", \"Label\": {\"LocalizedLabels\": [{\"Label\": \"Radio\", \"LanguageCode\": 1033}]}}",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "null",
            "true",
            "\\u0000",
            "\\ud800",
            "1e400",
            "-0",
            "@odata.bind",
            "@odata.type",
            "\"subject\"",
            "\"name\"",
            "\"value\"",
            "leads",
            "accounts",
            "POST ",
            "PATCH ",
            "PUT ",
            "DELETE ",
            "/accounts(",
            "\"estimatedvalue\": 1",
            "\"statecode\": 1",
            "\"statuscode\": 3",
            "\"transactioncurrencyid\"",
            "\"ownerid\"",
            "\"2026-02-30\"",
            "$ref",
            "\n",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        let line = String::from_utf8_lossy(&input[..end]).into_owned();
        let (method, path) = line.split_once(' ').unwrap_or(("POST", &line));
        let body = input.get(end + 1..).unwrap_or_default().to_vec();
        judged(self.site.api(method, &format!("/api/data/v9.2/{}", address(path.as_bytes())), body))
    }
}

/// Addresses and forms of the pages; what follows the first line is posted.
pub(super) struct Pages {
    site: Site,
}

impl Pages {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Pages {
    fn name(&self) -> &'static str {
        "pages"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "/leads?q=rob&sort=-createdon&f.subject=contains:Rob",
            "/leads?view=01a20ea3-80f6-7595-82f5-cff19ea9bd52&after=abc&f.budgetamount=gt:100",
            "/leads?filter=subject%20like%20x&filter=createdon%20this_month&columns=subject,lastname",
            "/leads?view=all&as=1&f=[\"any\",\"subject:contains:rob\",[\"has\",\"task\",\"regardingobjectid\",\"subject:null\"]]",
            "/leads?c=subject:240&c=ownerid(systemuser).fullname&sort=-createdon&sort=subject&group=leadqualitycode",
            "/leads/groups?view=all&group=createdon:month",
            "/leads/groups/rows?view=all&group=createdon:month&in==2026-03-01",
            "/leads/totals?view=all&c=budgetamount",
            "/leads/filters/edit\nnode=0&node=1&n1-kind=condition&n1-in=0&n1-column=subject&do=add:0",
            "/leads/columns\ncolumn=subject&width.subject=200&sort_key=createdon&rows_by=ownerid",
            "/search?q=robots",
            "/leads/01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "/lookup/account?q=fab&for=lead.parentaccountid",
            "/leads/new?subject=x&parentaccountid=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "/leads/export?format=csv",
            "/leads\nsubject=Robots&lastname=Berg&budgetamount=1.234%2C5&createdon=24.11.2026",
            "/accounts\nname=Fabrikam&revenue=x&numberofemployees=-1&ownerid=systemuser:1",
            "/leads/01a20ea3-80f6-7595-82f5-cff19ea9bd52\nsubject=x&version=5",
            "/profile\ntimezone=Europe/Berlin&locale=de-AT",
            "/leads/delete\nids=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "/",
            "?",
            "&",
            "=",
            "q=",
            "sort=",
            "-",
            "view=",
            "page=",
            "after=",
            "filter=",
            "f.",
            "subject",
            "createdon",
            "budgetamount",
            "ownerid",
            ":",
            ",",
            "leads",
            "accounts",
            "opportunities",
            "contacts",
            "imports",
            "new",
            "edit",
            "history",
            "export",
            "timezone=",
            "Europe/Berlin",
            "locale=",
            "\n",
            "%00",
            "%FF",
            "..",
            "//",
            "01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "this_month",
            "last_x_days",
            "eq",
            "9999999999",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let path = address(&input[..end.unwrap_or(input.len())]);
        // A path of its own, never another host's.
        let path = format!("/{}", path.trim_start_matches('/'));
        let site = &self.site;
        let Some(end) = end else { return judged(site.page("GET", &path, "", Some(&site.cookie))) };
        // Nothing is to be learnt from being signed out.
        if path.contains("sign-out") || path.contains("sessions") || path.contains("password") {
            return Ok(1);
        }
        let form = String::from_utf8_lossy(&input[end + 1..]).into_owned();
        judged(site.page("POST", &path, &format!("csrf={}&{form}", site.csrf), Some(&site.cookie)))
    }
}

/// Cookies of sessions.
pub(super) struct Cookies {
    site: Site,
}

impl Cookies {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Cookies {
    fn name(&self) -> &'static str {
        "cookies"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        let own = self.site.cookie.clone();
        vec![own.clone().into_bytes(), format!("a=b; {own}; c=\"d\"").into_bytes(), b"session=; session".to_vec()]
    }

    fn words(&self) -> &'static [&'static str] {
        &["=", ";", "; ", "\"", ",", "session", "pipewright", "__Host-", "a", "%3D", "=="]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let cookie = String::from_utf8_lossy(input).into_owned();
        let answer = self.site.page("GET", "/leads", "", Some(&cookie));
        // Whoever changes a secret is not signed in by it.
        let own = self.site.cookie.split_once('=').map_or("", |(_, secret)| secret);
        match &answer {
            Some(answer) if answer.status == StatusCode::OK && !cookie.contains(own) => {
                Err("a session that was never begun was let in".to_owned())
            }
            _ => judged(answer),
        }
    }
}
