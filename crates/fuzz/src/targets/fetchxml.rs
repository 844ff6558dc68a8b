//! Queries in FetchXML, through the Web API.

use super::{
    requests::{Site, judged},
    texts,
};
use crate::Target;

/// Queries over leads.
pub(super) struct FetchXml {
    site: Site,
}

impl FetchXml {
    pub(super) fn open() -> Self {
        Self { site: Site::open() }
    }
}

impl Target for FetchXml {
    fn name(&self) -> &'static str {
        "fetchxml"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "<fetch count=\"2\" page=\"2\" returntotalrecordcount=\"true\"><entity name=\"lead\"><attribute name=\"subject\"/><attribute name=\"budgetamount\" alias=\"money\"/><order attribute=\"subject\" descending=\"true\"/><filter type=\"or\"><condition attribute=\"subject\" operator=\"like\" value=\"%ro[%]b%\"/><condition attribute=\"statecode\" operator=\"in\"><value>0</value><value>1</value></condition><filter><condition attribute=\"createdon\" operator=\"last-x-days\" value=\"7\"/><condition attribute=\"estimatedclosedate\" operator=\"between\"><value>2026-01-01</value><value>2026-12-31</value></condition></filter></filter></entity></fetch>",
            "<fetch aggregate='true'><entity name='lead'><attribute name='leadid' alias='n' aggregate='count'/><attribute name='budgetamount' alias='sum' aggregate='sum'/><attribute name='createdon' alias='m' groupby='true' dategrouping='month'/><link-entity name='systemuser' from='systemuserid' to='ownerid' alias='u'><attribute name='fullname' alias='who' groupby='true'/></link-entity><order alias='sum' descending='true'/></entity></fetch>",
            "<fetch top='5'><entity name='lead'><all-attributes/><link-entity name='account' from='accountid' to='parentaccountid' link-type='outer' alias='a'><attribute name='name'/><filter><condition attribute='name' operator='not-null'/></filter><link-entity name='contact' from='contactid' to='primarycontactid'/></link-entity><filter><condition entityname='a' attribute='name' operator='eq' valueof='companyname'/></filter></entity></fetch>",
            "<fetch distinct='1'><entity name='lead'><attribute name='companyname'/><filter type='or'><link-entity name='task' from='regardingobjectid' to='leadid' link-type='not any'><filter><condition attribute='statecode' operator='eq' value='0'/></filter></link-entity><link-entity name='account' from='name' to='companyname' link-type='all'><filter><condition attribute='revenue' operator='gt' value='5.5'/></filter></link-entity></filter></entity></fetch>",
            "<fetch page='2' paging-cookie='&lt;cookie page=\"1\"&gt;&lt;row last=\"abc\" /&gt;&lt;/cookie&gt;'><entity name='lead'><filter><condition attribute='ownerid' operator='eq-userid'/><condition attribute='leadid' operator='ne'><value><![CDATA[{01A20EA3-80F6-7595-82F5-CFF19EA9BD52}]]></value></condition></filter></entity></fetch>",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "<filter type='or'>",
            "<filter>",
            "</filter>",
            "<condition ",
            " attribute='",
            " operator='",
            " value='",
            " valueof='a.name'",
            " entityname='a'",
            "<value>",
            "</value>",
            "<link-entity name='account' from='accountid' to='parentaccountid' link-type='",
            "</link-entity>",
            "outer",
            "not any",
            "exists",
            "aggregate='true'",
            "groupby='true'",
            "dategrouping='week'",
            "<all-attributes/>",
            "<order attribute='",
            "<!DOCTYPE x [",
            "<!ENTITY a 'b'>",
            "&a;",
            "&#0;",
            "<![CDATA[",
            "]]>",
            "<!--",
            "/>",
            "under",
            "begins-with",
            "not-like",
            "olderthan-x-months",
            "99999999999999999999",
            "0001-01-01",
            "9999-12-31T23:59:59Z",
            "versionnumber",
            "%3Ccookie page=%221%22%3E",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let written: String = input.iter().map(|byte| format!("%{byte:02X}")).collect();
        judged(self.site.api("GET", &format!("/api/data/v9.2/leads?fetchXml={written}"), Vec::new()))
    }
}
