//! The parts pages are made of. Each is a plain struct that holds what to show, already worded
//! and permitted by the caller, and renders itself with maud; nothing here reads the database,
//! decides permissions or formats by locale.

pub mod avatar;
pub mod badge;
pub mod banner;
pub mod board;
pub mod cell;
pub mod command;
pub mod dialog;
pub mod empty_state;
pub mod error_page;
pub mod fields;
pub mod filter;
pub mod form;
pub mod grid;
pub mod history;
pub mod icon;
pub mod login;
pub mod moment;
pub mod page;
pub mod process_bar;
pub mod progress;
pub mod quick_create;
pub mod steps;
pub mod suggestions;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod toast;

pub use avatar::avatar;
pub use badge::{Badge, Tone};
pub use banner::Banner;
pub use board::{Board, BoardCard, BoardLane, BoardLayout, BoardRow, CardAge, CardEdit, CardField, LaneTotal};
pub use cell::{Cell, MASK};
pub use command::{Action, Command, CommandBar, CommandStyle};
pub use dialog::{Dialog, DialogSize};
pub use empty_state::EmptyState;
pub use error_page::ErrorPage;
pub use fields::{Control, Field, FieldWidth, LookupValue, Requirement};
pub use filter::{FilterChip, FilterEditor, QuickFilter};
pub use form::{Fact, FieldError, FormSection, FormTab, RecordForm, RecordHeader, SectionItem, Subgrid};
pub use grid::{Grid, GridColumn, GridRow, Paging, Sort, SortState, ViewChoice};
pub use history::{ColumnChange, History, HistoryEntry};
pub use icon::icon;
pub use login::{CenteredCard, CenteredPage, Login, PasskeyForm, alert};
pub use moment::Moment;
pub use page::{NavGroup, NavItem, Page, PageLayout, Shell, Theme, UserMenu};
pub use process_bar::{ProcessBar, ProcessStage, StageState};
pub use progress::Progress;
pub use quick_create::QuickCreate;
pub use steps::{Step, StepState, Steps};
pub use suggestions::{Suggestion, SuggestionGroup, Suggestions};
pub use table::{PlainTable, TableColumn};
pub use tabs::{Tab, Tabs};
pub use timeline::{Timeline, TimelineEntry};
pub use toast::{Toast, ToastUndo};
