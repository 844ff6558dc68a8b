//! The faces people meet the organisation through, asked over HTTP as a browser and an integrator
//! ask: what they show, and what they let somebody do.

use std::collections::BTreeSet;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use model::Privilege;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

/// Somebody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A table as the faces name it.
pub struct Named {
    pub table: &'static str,
    pub set: &'static str,
    pub key: &'static str,
    /// The view that shows every row a test makes.
    pub view: &'static str,
}

/// Tables with owners whose rows are looked at; an activity is looked at twice, as itself and as
/// one of all activities.
pub const TABLES: [Named; 5] = [
    Named { table: "lead", set: "leads", key: "leadid", view: "all" },
    Named { table: "account", set: "accounts", key: "accountid", view: "all" },
    Named { table: "contact", set: "contacts", key: "contactid", view: "all" },
    Named { table: "task", set: "tasks", key: "activityid", view: "open" },
    Named { table: "activitypointer", set: "activitypointers", key: "activityid", view: "open" },
];

/// How a table is named.
pub fn named(table: &str) -> &'static Named {
    TABLES.iter().find(|named| named.table == table).unwrap()
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub text: String,
    cookies: Vec<String>,
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let cookies = parts.headers.get_all(header::SET_COOKIE).iter();
    let cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    let text = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
    Answer { status: parts.status, text, cookies }
}

/// True where something was done, false where it was refused as forbidden or as not there. To change
/// a row of the Web API that is not there is to create it: that is then refused for what is missing,
/// or because the key is taken.
fn was_done(answer: &Answer, what: &str) -> bool {
    match answer.status {
        status if status.is_success() || status.is_redirection() => true,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => false,
        StatusCode::BAD_REQUEST | StatusCode::PRECONDITION_FAILED if what.starts_with("PATCH") => false,
        // A form is shown again with everything typed.
        StatusCode::UNPROCESSABLE_ENTITY if answer.text.contains("security roles do not let you") => false,
        status => panic!("{what}: {status} {}", &answer.text[..answer.text.len().min(300)]),
    }
}

/// The Web API, as one person's token opens it.
pub struct WebApi {
    router: Router,
    token: String,
}

impl WebApi {
    pub fn new(router: Router, token: String) -> Self {
        Self { router, token }
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/data/v9.2/{}", path.replace(' ', "%20")))
            .header(header::HOST, "crm.example")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        ask(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// The rows of a table, found in each way there is to ask for them.
    pub async fn lists(&self, table: &Named) -> Vec<(&'static str, BTreeSet<Uuid>)> {
        let Named { set, key, .. } = table;
        let ids = |rows: &Value| -> BTreeSet<Uuid> {
            rows["value"].as_array().unwrap().iter().map(|row| row[*key].as_str().unwrap().parse().unwrap()).collect()
        };
        let all = self.get(&format!("{set}?$select={key}&$count=true")).await;
        let filtered = self.get(&format!("{set}?$select={key}&$filter={key} ne null&$orderby=createdon desc")).await;
        let counted = self.get(&format!("{set}?$apply=aggregate($count as rows)")).await;
        let grouped = self.get(&format!("{set}?$apply=groupby(({key}))")).await;
        let found = ids(&all);
        let count = found.len() as u64;
        assert_eq!(all["@odata.count"].as_u64(), Some(count), "the count of {set} tells of hidden rows");
        let total = counted["value"][0]["rows"].as_u64().unwrap_or_default();
        assert_eq!(total, count, "a sum over {set} tells of hidden rows");
        vec![("$select", found), ("$filter", ids(&filtered)), ("groupby", ids(&grouped))]
    }

    pub async fn sees(&self, table: &Named, id: Uuid) -> bool {
        let path = format!("{}({id})", table.set);
        was_done(&self.send("GET", &path, None).await, &path)
    }

    /// Tries to do this with a row; `to` is who gets it or a share of it.
    pub async fn does(&self, privilege: Privilege, table: &Named, id: Uuid, to: Uuid) -> bool {
        let path = format!("{}({id})", table.set);
        let method = if matches!(privilege, Privilege::Write | Privilege::Assign) { "PATCH" } else { "" };
        let answer = match privilege {
            Privilege::Write => self.send("PATCH", &path, Some(json!({"description": "changed"}))).await,
            Privilege::Delete => self.send("DELETE", &path, None).await,
            Privilege::Assign => {
                let owner = json!({"ownerid@odata.bind": format!("/systemusers({to})")});
                self.send("PATCH", &path, Some(owner)).await
            }
            _ => {
                let target = json!({"@odata.type": format!("Microsoft.Dynamics.CRM.{}", table.table), table.key: id});
                let revokee = json!({"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": to});
                self.send("POST", "RevokeAccess", Some(json!({"Target": target, "Revokee": revokee}))).await
            }
        };
        was_done(&answer, &format!("{method} {privilege:?} {path}"))
    }
}

/// The pages, as one person's browser shows them.
pub struct Pages {
    router: Router,
    cookies: String,
    csrf: String,
}

impl Pages {
    /// Signs in.
    pub async fn new(router: Router, email: &str) -> Self {
        let mut pages = Self { router, cookies: String::new(), csrf: String::new() };
        let entrance = pages.get("/sign-in").await;
        pages.take(&entrance);
        let answer = pages.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        pages.take(&answer);
        let profile = pages.get("/settings/profile").await;
        pages.take(&profile);
        pages
    }

    fn take(&mut self, answer: &Answer) {
        if !answer.cookies.is_empty() {
            self.cookies = answer.cookies.join("; ");
        }
        if let Some((_, rest)) = answer.text.split_once("name=\"csrf\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.csrf);
        }
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "crm.example");
        if self.cookies.is_empty() { request } else { request.header(header::COOKIE, &self.cookies) }
    }

    async fn get(&self, path: &str) -> Answer {
        ask(&self.router, self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, values: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("csrf", &self.csrf).extend_pairs(values).finish();
        let request = self.request("POST", path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        ask(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    /// The rows of a table that its list shows, that the file made of the list holds and that the
    /// search of everything finds. A table whose page is refused shows nothing.
    pub async fn lists(&self, table: &Named) -> Vec<(&'static str, BTreeSet<Uuid>)> {
        let Named { set, view, .. } = table;
        let list = self.get(&format!("/{set}?view={view}")).await;
        let exported = self.get(&format!("/{set}?view={view}&format=csv")).await;
        let mut found = Vec::new();
        if was_done(&list, set) {
            // A row of all activities leads to the activity itself; what follows the last row is no row.
            let (rows, _) = list.text.rsplit_once("data-row-link").unwrap_or_default();
            let links = rows.split("data-row-link").filter_map(|part| part.rsplit("href=\"").next());
            let ids = links.filter_map(|link| link.split(['/', '"', '?']).find_map(|part| part.parse().ok()));
            found.push(("list", ids.collect()));
        } else {
            found.push(("list", BTreeSet::new()));
        }
        if was_done(&exported, set) {
            // The key is the first column; others may hold keys of what they point at.
            let ids = exported
                .text
                .lines()
                .filter_map(|line| line.trim_start_matches('\u{feff}').split(',').next()?.parse().ok());
            found.push(("file", ids.collect()));
        } else {
            found.push(("file", BTreeSet::new()));
        }
        found
    }

    /// The rows of all tables that the search of everything finds by a word that all have.
    pub async fn found(&self, word: &str) -> BTreeSet<Uuid> {
        let page = self.get(&format!("/search?q={word}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text.split(['/', '"', '?']).filter_map(|part| part.parse().ok()).collect()
    }

    /// The rows that the palette offers by a word that all have, and those that it names where a
    /// browser says that these were visited.
    pub async fn jumped_to(&self, word: &str, visited: &[(&str, Uuid)]) -> BTreeSet<Uuid> {
        let visited: Vec<String> = visited.iter().map(|(set, id)| format!("{set}:{id}")).collect();
        let mut offered = BTreeSet::new();
        for asked in [format!("q={word}"), format!("q=&recent={}", visited.join(","))] {
            let answer = self.get(&format!("/palette?{asked}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            offered.extend(answer.text.split(['/', '"', '?']).filter_map(|part| part.parse::<Uuid>().ok()));
        }
        offered
    }

    /// The rows that a lookup offers by a word that all have.
    pub async fn offered(&self, lookup: &str, word: &str) -> BTreeSet<Uuid> {
        let answer = self.get(&format!("/lookup/{lookup}?q={word}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let offered: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
        offered.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Whether the record's page and its history are shown: both or neither.
    pub async fn sees(&self, table: &Named, id: Uuid) -> bool {
        let path = format!("/{}/{id}", table.set);
        let page = was_done(&self.get(&path).await, &path);
        let history = was_done(&self.get(&format!("{path}/history")).await, "history");
        assert_eq!(page, history, "the page of {path} and its history differ");
        page
    }

    /// Tries to do this with a row; `to` is who gets it.
    pub async fn does(&self, privilege: Privilege, table: &Named, id: Uuid, to: Uuid) -> bool {
        let path = format!("/{}/{id}", table.set);
        let answer = match privilege {
            // All rows are named alike; whoever saves one has seen the others.
            Privilege::Write => self.post(&path, &[("description", "changed by page"), ("duplicates", "seen")]).await,
            Privilege::Delete => self.post(&format!("{path}/deletion"), &[]).await,
            _ => self.post(&format!("{path}/assignment"), &[("ownerid", &format!("systemuser:{to}"))]).await,
        };
        was_done(&answer, &format!("{privilege:?} {path}"))
    }
}
