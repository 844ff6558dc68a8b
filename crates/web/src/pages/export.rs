//! A list as a file, streamed: the server holds one part at a time, however long the list.

use std::io;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use crm::export::{ExportRequest, Format};
use futures_util::StreamExt;
use language::{Carried, in_english, tr};
use model::{Filter, Model, Table};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;

use super::{
    bulk::{self, Chosen},
    list::with_view,
};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    session::Me,
    view::{list::List, tables},
};

/// Parts that wait for the browser before writing pauses.
const AHEAD: usize = 8;
/// Size of a part, in bytes.
const PART: usize = 64 * 1024;

/// The kind of file that an address asks for.
pub(crate) fn format(name: &str) -> Option<Format> {
    match name {
        "csv" => Some(Format::Csv),
        "xlsx" => Some(Format::Xlsx),
        "zip" => Some(Format::Zip),
        _ => None,
    }
}

/// The selected rows of a list, with its columns.
pub(crate) async fn selection(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let format = format(asked.text("format")).ok_or_else(|| Failure::Bad(tr!("name the format, csv, xlsx or zip")))?;
    let chosen = Chosen::of(&typed)?;
    if let Chosen::Whole { list, .. } = &chosen {
        let list = with_view(&site, &me, &table, &Typed::parse(list)).await?;
        return answer(&site, &me, &model, &table, &list, Filter::everything(), format).await;
    }
    if chosen.named().is_empty() {
        return Ok(me.go(&bulk::back(&me, &table), Some(Flash::failed(tr!("Select at least one row first.")))));
    }
    let list = with_view(&site, &me, &table, &asked).await?;
    let selected = Filter::is_in(table.primary_key.as_str(), chosen.named().iter().copied());
    answer(&site, &me, &model, &table, &list, selected, format).await
}

/// Every row of the list that satisfies `also`, with its columns.
pub(crate) async fn answer(
    site: &Site,
    me: &Me,
    model: &Model,
    table: &Table,
    list: &List,
    also: Filter,
    format: Format,
) -> Result<Response, Failure> {
    let view = list.view(table);
    let filter = list.filter(me, model, table).map_err(Failure::Bad)?.and(also);
    // What is refused is told before the answer begins.
    let asked = site.app.new_query(&me.caller, &table.name).matching(filter.clone()).take(0);
    site.app.query(&me.caller, asked).await?;
    let request = ExportRequest {
        table: table.name.clone(),
        view: None,
        columns: Some(list.shown(table).into_iter().map(|shown| shown.column).collect()),
        filter,
        order: list.order(me, model, table),
        format,
        raw: false,
    };
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(AHEAD);
    let (app, caller) = (site.app.clone(), me.caller.clone());
    let parts = Parts { send: send.clone(), part: Vec::with_capacity(PART) };
    tokio::spawn(Carried::here().with(async move {
        if let Err(error) = app.exports().run(&caller, request, parts).await {
            // The answer has begun: breaking it off tells the browser that the file is not whole.
            let error = in_english(|| error.to_string());
            tracing::warn!(error, "an export broke off");
            let _ = send.send(Err(io::Error::other(error))).await;
        }
    }));
    // Compression asks once more after the end, which only a fused stream allows.
    let parts = futures_util::stream::unfold(receive, |mut receive| async move {
        let part = receive.recv().await?;
        Some((part, receive))
    });
    let body = Body::from_stream(parts.fuse());
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        Format::Zip => ("application/zip", "zip"),
    };
    let name = view.map_or(table.plural_label.as_str(), |view| view.label.as_str());
    let name = utf8_percent_encode(&format!("{name}.{ending}"), NON_ALPHANUMERIC).to_string();
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

/// Hands what is written on to the answer, in parts; waits while the browser is behind.
struct Parts {
    send: mpsc::Sender<io::Result<Bytes>>,
    part: Vec<u8>,
}

impl Parts {
    fn hand_on(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART));
        self.send.blocking_send(Ok(Bytes::from(part))).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl io::Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()
    }
}
