//! Calls of operations: functions with their arguments in the address, actions with theirs in the body, and
//! the form by which programs ask for tokens.

use super::{
    requests::{Site, address, judged},
    texts,
};
use crate::Target;

/// Functions and actions; what follows the first line is the body of an action.
pub(super) struct Operations {
    site: Site,
}

impl Operations {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Operations {
    fn name(&self) -> &'static str {
        "operations"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=['account','lead']",
            "InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3)?@p1={'@odata.id':'accounts(01a20ea3-80f6-7595-82f5-cff19ea9bd52)'}&@p2='contact'&@p3=Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'",
            "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)?@p1={\"@odata.type\":\"Microsoft.Dynamics.CRM.contact\",\"lastname\":\"Berg\"}&@p2='contact'&@p3={\"PageNumber\":1,\"Count\":50}",
            "RetrieveRecordChangeHistory(Target=@t,PagingInfo=@p)?@t={'@odata.id':'leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)'}&@p={'PageNumber':2,'Count':1}",
            "RetrieveAttributeChangeHistory(Target=@t,AttributeLogicalName='subject')?@t={'@odata.id':'leads(01a20ea3-80f6-7595-82f5-cff19ea9bd52)'}",
            "LocalTimeFromUtcTime(TimeZoneCode=110,UtcTime=2027-07-01T08:30:00Z)",
            "UtcTimeFromLocalTime(TimeZoneCode=35,LocalTime='2027-01-01T10:30:00')",
            "FormatAddress(Line1='a''b',City='c',StateOrProvince='',PostalCode='1',Country='USA')",
            "RetrieveMetadataChanges(Query=@p1)?@p1={\"Criteria\":{\"Conditions\":[{\"PropertyName\":\"LogicalName\",\"ConditionOperator\":\"Equals\",\"Value\":{\"Type\":\"System.String\",\"Value\":\"lead\"}}]}}",
            "BulkDelete\n{\"JobName\": \"x\", \"QuerySet\": [{\"EntityName\": \"task\", \"Criteria\": {\"FilterOperator\": \"Or\", \"Conditions\": [{\"AttributeName\": \"subject\", \"Operator\": \"Like\", \"Values\": [{\"Value\": \"%a%\", \"Type\": \"System.String\"}]}], \"Filters\": [{\"Conditions\": [{\"AttributeName\": \"createdon\", \"Operator\": \"LastXDays\", \"Values\": [3]}]}]}, \"LinkEntities\": [{\"LinkFromAttributeName\": \"ownerid\", \"LinkToEntityName\": \"systemuser\", \"LinkToAttributeName\": \"systemuserid\"}]}], \"StartDateTime\": \"2099-01-01T00:00:00Z\"}",
            "BulkDelete\n{\"JobName\": \"x\", \"QuerySet\": [{\"@odata.type\": \"Microsoft.Dynamics.CRM.FetchExpression\", \"Query\": \"<fetch><entity name='task'/></fetch>\"}]}",
            "searchquery\n{\"search\": \"rob\", \"entities\": \"[{\\\"name\\\":\\\"lead\\\",\\\"selectColumns\\\":[\\\"subject\\\"]}]\", \"orderby\": \"[\\\"createdon desc\\\"]\", \"options\": \"{'searchmode': 'all'}\", \"count\": true}",
            "searchsuggest\n{\"search\": \"robots\", \"filter\": \"createdon gt 2020-01-01\"}",
            "searchautocomplete\n{\"search\": \"robots ü\"}",
            "Merge\n{\"Target\": {\"@odata.type\": \"Microsoft.Dynamics.CRM.lead\", \"leadid\": \"01a20ea3-80f6-7595-82f5-cff19ea9bd52\"}, \"SubordinateId\": \"01a20ea3-80f6-7595-82f5-cff19ea9bd53\"}",
            "leads/Microsoft.Dynamics.CRM.UpsertMultiple\n{\"Targets\": [{\"@odata.id\": \"leads(subject='x')\", \"lastname\": \"y\"}]}",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "(",
            ")",
            "=@p1",
            "?@p1=",
            "&@p2=",
            "{'@odata.id':'",
            "'}",
            "''",
            "\"",
            "\\\"",
            "[",
            "]",
            "null",
            "true",
            "-1",
            "9223372036854775807",
            "1e999",
            "2027-03-28T02:30:00Z",
            "0001-01-01T00:00:00Z",
            "\"Values\": [",
            "\"Filters\": [{",
            "\"LinkEntities\": [{",
            "\"EntityName\": \"account\"",
            "\"Operator\": \"In\"",
            "\"Operator\": \"Between\"",
            "{crmhit}",
            "\u{0301}",
            "Microsoft.Dynamics.CRM.",
            "@odata.type",
            "PagingInfo",
            "\n",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
            return judged(self.site.api("GET", &format!("/api/data/v9.2/{}", address(input)), Vec::new()));
        };
        let path = format!("/api/data/v9.2/{}", address(&input[..end]));
        judged(self.site.api("POST", &path, input[end + 1..].to_vec()))
    }
}

/// Forms sent to the token endpoint.
pub(super) struct Tokens {
    site: Site,
}

impl Tokens {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for Tokens {
    fn name(&self) -> &'static str {
        "tokens"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "grant_type=client_credentials&client_id=01a20ea3-80f6-7595-82f5-cff19ea9bd52&client_secret=x&scope=https%3A%2F%2Fcrm.example%2F.default",
            "grant_type=authorization_code&code=abc&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&code_verifier=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz&client_id=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "grant_type=refresh_token&refresh_token=pwr_x&client_id=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "grant_type=password&username=a&password=b",
            "token=pw_abc&token_type_hint=access_token&client_id=01a20ea3-80f6-7595-82f5-cff19ea9bd52",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "grant_type=",
            "client_credentials",
            "authorization_code",
            "refresh_token",
            "&",
            "=",
            "%00",
            "%FF",
            "%",
            "+",
            "client_id=",
            "client_secret=",
            "scope=",
            "crm",
            "resource=",
            "code=",
            "code_verifier=",
            "redirect_uri=",
            "01a20ea3-80f6-7595-82f5-cff19ea9bd52",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        judged(Some(self.site.token_form(input.to_vec())))
    }
}
