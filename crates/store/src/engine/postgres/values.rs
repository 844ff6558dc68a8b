//! Values on the wire: bound by the type the server infers, read by the type of the column.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;

use crate::{StoreError, engine::SqlValue};

type Failure = Box<dyn Error + Sync + Send>;

/// PostgreSQL counts days and microseconds from here.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);
/// Microseconds from 1970 to 2000.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

impl ToSql for SqlValue {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(yes) => match *kind {
                Type::BOOL => out.put_u8(u8::from(*yes)),
                _ => whole(i64::from(*yes), kind, out)?,
            },
            Self::Int(number) => whole(*number, kind, out)?,
            Self::Real(number) => match *kind {
                Type::FLOAT4 => out.put_f32(*number as f32),
                Type::FLOAT8 => out.put_f64(*number),
                _ => return Err(misfit(self, kind)),
            },
            Self::Text(text) => written(self, text, kind, out)?,
            Self::Bytes(bytes) => out.put_slice(bytes),
            Self::Uuid(id) => match *kind {
                Type::UUID | Type::BYTEA => out.put_slice(id.as_bytes()),
                Type::TEXT | Type::VARCHAR => out.put_slice(id.to_string().as_bytes()),
                _ => return Err(misfit(self, kind)),
            },
            Self::Decimal(number) => return decimal(self, *number, kind, out),
            Self::Date(day) => match *kind {
                Type::DATE => out.put_i32(days(*day)?),
                Type::TEXT | Type::VARCHAR => out.put_slice(day.to_string().as_bytes()),
                _ => return Err(misfit(self, kind)),
            },
            Self::Timestamp(moment) => match *kind {
                Type::TIMESTAMPTZ | Type::TIMESTAMP => out.put_i64(moment.as_microsecond() - EPOCH_MICROS),
                Type::INT8 => out.put_i64(moment.as_millisecond()),
                _ => return Err(misfit(self, kind)),
            },
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn whole(number: i64, kind: &Type, out: &mut BytesMut) -> Result<(), Failure> {
    match *kind {
        Type::INT8 => out.put_i64(number),
        Type::INT4 => out.put_i32(i32::try_from(number)?),
        Type::INT2 => out.put_i16(i16::try_from(number)?),
        Type::FLOAT8 => out.put_f64(number as f64),
        Type::BOOL => out.put_u8(u8::from(number != 0)),
        Type::TIMESTAMPTZ | Type::TIMESTAMP => out.put_i64(number * 1000 - EPOCH_MICROS),
        Type::NUMERIC => {
            Decimal::from(number).to_sql(kind, out)?;
        }
        Type::TEXT | Type::VARCHAR => out.put_slice(number.to_string().as_bytes()),
        _ => return Err(misfit(&SqlValue::Int(number), kind)),
    }
    Ok(())
}

fn written(value: &SqlValue, text: &str, kind: &Type, out: &mut BytesMut) -> Result<(), Failure> {
    match *kind {
        Type::DATE => out.put_i32(days(text.parse()?)?),
        Type::TIMESTAMPTZ | Type::TIMESTAMP => {
            out.put_i64(text.parse::<Timestamp>()?.as_microsecond() - EPOCH_MICROS);
        }
        Type::NUMERIC => {
            text.parse::<Decimal>()?.to_sql(kind, out)?;
        }
        Type::UUID => out.put_slice(text.parse::<Uuid>()?.as_bytes()),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::BOOL | Type::FLOAT4 | Type::FLOAT8 | Type::BYTEA => {
            return Err(misfit(value, kind));
        }
        // A zero byte is refused by the server with an unhelpful message.
        _ if text.contains('\0') => return Err("text must not contain a zero character".into()),
        _ => out.put_slice(text.as_bytes()),
    }
    Ok(())
}

fn decimal(value: &SqlValue, number: Decimal, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
    match *kind {
        Type::NUMERIC => number.to_sql(kind, out),
        Type::TEXT | Type::VARCHAR => {
            out.put_slice(number.to_string().as_bytes());
            Ok(IsNull::No)
        }
        Type::FLOAT8 => {
            out.put_f64(f64::try_from(number)?);
            Ok(IsNull::No)
        }
        Type::INT2 | Type::INT4 | Type::INT8 if number.fract().is_zero() => {
            whole(i64::try_from(number)?, kind, out).map(|()| IsNull::No)
        }
        _ => Err(misfit(value, kind)),
    }
}

fn misfit(value: &SqlValue, kind: &Type) -> Failure {
    format!("{value:?} cannot be compared with or stored as {kind}").into()
}

fn days(day: Date) -> Result<i32, Failure> {
    Ok(day.since((jiff::Unit::Day, EPOCH))?.get_days())
}

/// A row as loose values.
pub(super) fn read(row: &Row) -> Result<Vec<SqlValue>, StoreError> {
    (0..row.len())
        .map(|column| {
            row.try_get::<_, SqlValue>(column)
                .map_err(|error| StoreError::Database(format!("column {}: {error}", row.columns()[column].name())))
        })
        .collect()
}

impl<'a> FromSql<'a> for SqlValue {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *kind {
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::OID => Self::Int(u32::from_sql(kind, raw)?.into()),
            Type::XID8 => Self::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::FLOAT4 => Self::Real(f32::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(kind, raw)?),
            Type::NUMERIC => Self::Decimal(Decimal::from_sql(kind, raw)?),
            Type::UUID => Self::Uuid(Uuid::from_slice(raw)?),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            Type::DATE => Self::Date(EPOCH.checked_add(i32::from_be_bytes(raw.try_into()?).days())?),
            Type::TIMESTAMPTZ | Type::TIMESTAMP => {
                Self::Timestamp(Timestamp::from_microsecond(i64::from_be_bytes(raw.try_into()?) + EPOCH_MICROS)?)
            }
            _ => Self::Text(std::str::from_utf8(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
