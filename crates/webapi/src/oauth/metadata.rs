//! Where everything is, for programs that ask first (RFC 8414).

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde_json::json;

use super::{AUTHORIZE, REVOKE, Server, TOKEN, json as answer};
use crate::handlers::origin;

/// The server's description of itself.
pub async fn show(State(server): State<Server>, request: Request) -> Response {
    let issuer = origin(server.public_url.as_deref(), request.headers(), request.uri());
    let methods = ["client_secret_basic", "client_secret_post"];
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{AUTHORIZE}"),
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [methods[0], methods[1], "none"],
        "revocation_endpoint_auth_methods_supported": [methods[0], methods[1], "none"],
        "scopes_supported": [crm::identity::CHANGE, crm::identity::READ, crm::identity::OFFLINE],
        "authorization_response_iss_parameter_supported": true,
    });
    answer(StatusCode::OK, &body)
}
