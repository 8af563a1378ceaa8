//! [`Conn`]: a blocking diesel connection on tokio-postgres. It owns how a query goes over the wire, as a statement that is
//! kept prepared or as one without a name, and what the last failure was. Opening one is `connect`'s.
//!
//! It is ours since diesel has no room for an SQLSTATE in its errors, and since behind a pooler that lends a server for one
//! transaction no statement may be prepared under a name.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use diesel::connection::{
    AnsiTransactionManager, CacheSize, ConnectionSealed, DynInstrumentation, Instrumentation, LoadConnection,
    SimpleConnection,
};
use diesel::expression::QueryMetadata;
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{Query, QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::{ConnectionError, Error as Diesel};
use diesel::{Connection, ConnectionResult, QueryResult};
use futures::TryStreamExt as _;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::row::Rows;
use crate::store::deadline;

/// How many statements are kept prepared at most, of some 20 kB each at the server. The daemon's own, lists aside, are
/// about 200.
const MOST: usize = 512;

/// How often the event loop has to go round until a connection has read what came: it hears of it in one turn, and reads
/// in the next.
const TURNS: usize = 2;

/// A connection to a PostgreSQL server, which its thread's event loop drives.
pub(crate) struct Conn {
    client: Client,
    /// What encrypts the connection; none where it is not encrypted.
    tls: Option<MakeRustlsConnect>,
    runtime: Arc<Runtime>,
    statements: Statements,
    transactions: AnsiTransactionManager,
    instrumentation: DynInstrumentation,
    failure: Option<Failure>,
}

/// What the last statement failed with that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server said so.
    State(SqlState),
    /// The connection ended, or what came was not understood.
    Connection,
}

/// How statements go to the server.
enum Statements {
    /// Prepared once, under a name.
    Kept(HashMap<Key, Statement>),
    /// Whole, each time.
    Unnamed,
}

/// What a kept statement is found by.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    /// The query's type, where it says all.
    Type(TypeId),
    /// Its text, and the types of its values.
    Text(String, Vec<u32>),
}

/// A value as diesel has encoded it.
#[derive(Debug)]
struct Bind(Option<Vec<u8>>);

/// A query that was taken apart.
struct Parts {
    key: Option<Key>,
    sql: String,
    types: Vec<Type>,
    binds: Vec<Bind>,
}

/// How a query is sent.
enum Sent {
    Kept(Statement, Vec<Bind>),
    Whole(String, Vec<(Bind, Type)>),
}

impl Conn {
    /// A connection on `client`, whose other half `runtime` drives already.
    pub(super) fn new(client: Client, tls: Option<MakeRustlsConnect>, runtime: Arc<Runtime>, named: bool) -> Self {
        let statements = if named { Statements::Kept(HashMap::new()) } else { Statements::Unnamed };
        let instrumentation = DynInstrumentation::default_instrumentation();
        let transactions = AnsiTransactionManager::default();
        Self { client, tls, runtime, statements, transactions, instrumentation, failure: None }
    }

    /// Runs statements without values, and returns the first row of the last that has any, as text.
    pub(super) fn ask_simply(&mut self, sql: &str) -> QueryResult<Vec<Option<String>>> {
        let answer = self.runtime.block_on(self.client.simple_query(sql));
        let messages = answer.map_err(|e| self.failed(e))?;
        let row = messages.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let texts =
            |row: &tokio_postgres::SimpleQueryRow| (0..row.len()).map(|n| row.get(n).map(str::to_owned)).collect();
        Ok(row.map(texts).unwrap_or_default())
    }

    /// Takes what the last failure was, so that the next is told apart from it.
    pub(super) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Looks whether the server has ended the connection, without asking it.
    pub(super) fn has_ended(&self) -> bool {
        self.runtime.block_on(async {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        });
        self.client.is_closed()
    }

    /// Lets all kept statements go where there are too many. What is needed again is prepared again.
    pub(super) fn trim(&mut self) {
        if let Statements::Kept(kept) = &mut self.statements
            && kept.len() > MOST
        {
            kept.clear();
        }
    }

    /// Waits for an answer. At the deadline of the worker's work the server is told to end the statement.
    fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        let Some(until) = deadline::until() else { return self.runtime.block_on(answer) };
        self.runtime.block_on(async {
            let mut answer = std::pin::pin!(answer);
            if let Ok(answer) = tokio::time::timeout_at(until.into(), answer.as_mut()).await {
                return answer;
            }
            if deadline::has_passed()
                && let Err(error) = self.cancel().await
            {
                tracing::warn!(%error, "a statement could not be cut off; it ends at the server's own limit");
            }
            answer.await
        })
    }

    /// Asks the server, on a connection of its own, to end the statement that runs.
    async fn cancel(&self) -> Result<(), tokio_postgres::Error> {
        let token = self.client.cancel_token();
        match &self.tls {
            Some(tls) => token.cancel_query(tls.clone()).await,
            None => token.cancel_query(NoTls).await,
        }
    }

    fn failed(&mut self, error: tokio_postgres::Error) -> Diesel {
        self.failure = Some(error.code().map_or(Failure::Connection, |code| Failure::State(code.clone())));
        // The one variant that keeps an error as it is, with its SQLSTATE: see `state`.
        Diesel::QueryBuilderError(Box::new(error))
    }

    /// Finds or prepares the statement, or has it sent whole where it is not to be kept.
    fn send(&mut self, parts: Parts) -> QueryResult<Sent> {
        let Parts { key, sql, types, binds } = parts;
        let (Statements::Kept(kept), Some(key)) = (&self.statements, key) else {
            return Ok(Sent::Whole(sql, binds.into_iter().zip(types).collect()));
        };
        if let Some(statement) = kept.get(&key) {
            return Ok(Sent::Kept(statement.clone(), binds));
        }
        match self.wait(self.client.prepare_typed(&sql, &types)) {
            Ok(statement) => {
                if let Statements::Kept(kept) = &mut self.statements {
                    kept.insert(key, statement.clone());
                }
                Ok(Sent::Kept(statement, binds))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn query(&mut self, parts: Parts) -> QueryResult<Rows> {
        let sent = self.send(parts)?;
        let answer = self.wait(async {
            let rows = match sent {
                Sent::Kept(statement, binds) => self.client.query_raw(&statement, binds).await?,
                Sent::Whole(sql, binds) => self.client.query_typed_raw(&sql, binds).await?,
            };
            rows.try_collect::<Vec<_>>().await
        });
        answer.map(Rows::new).map_err(|e| self.failed(e))
    }

    fn execute(&mut self, parts: Parts) -> QueryResult<usize> {
        let sent = self.send(parts)?;
        let answer = self.wait(async {
            match sent {
                Sent::Kept(statement, binds) => self.client.execute_raw(&statement, binds).await,
                Sent::Whole(sql, binds) => {
                    let binds: Vec<_> =
                        binds.iter().map(|(bind, of)| (bind as &(dyn ToSql + Sync), of.clone())).collect();
                    self.client.execute_typed(&sql, &binds).await
                }
            }
        });
        let count = answer.map_err(|e| self.failed(e))?;
        usize::try_from(count).map_err(|e| Diesel::DeserializationError(Box::new(e)))
    }
}

impl Parts {
    fn of(query: &dyn QueryFragment<Pg>, id: Option<TypeId>) -> QueryResult<Self> {
        let mut collector = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut collector, &mut NoLookup, &Pg)?;
        let types = collector.metadata.iter().map(type_of).collect::<QueryResult<Vec<_>>>()?;
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let sql = builder.finish();
        let key = query.is_safe_to_cache_prepared(&Pg)?.then(|| match id {
            Some(id) => Key::Type(id),
            None => Key::Text(sql.clone(), types.iter().map(Type::oid).collect()),
        });
        Ok(Self { key, sql, types, binds: collector.binds.into_iter().map(Bind).collect() })
    }
}

fn type_of(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let oid = metadata.oid().map_err(|e| Diesel::SerializationError(Box::new(e)))?;
    Type::from_oid(oid).ok_or_else(|| Diesel::SerializationError(format!("no built-in type has the OID {oid}").into()))
}

/// Finds no types: Muista's columns have built-in ones alone, whose numbers never change.
struct NoLookup;

impl PgMetadataLookup for NoLookup {
    fn lookup_type(&mut self, _: &str, _: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(0, 0)
    }
}

impl ToSql for Bind {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    // Whether it fits the type was decided when it was encoded.
    fn to_sql_checked(
        &self,
        of: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.to_sql(of, out)
    }
}

impl SimpleConnection for Conn {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.wait(self.client.batch_execute(query)).map_err(|e| self.failed(e))
    }
}

impl ConnectionSealed for Conn {}

impl Connection for Conn {
    type Backend = Pg;
    type TransactionManager = AnsiTransactionManager;

    /// Refuses: a connection needs more than a URL, and is opened in `connect`.
    fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection("a connection is opened by its worker".to_owned()))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Self::Backend> + QueryId,
    {
        self.execute(Parts::of(source, T::query_id())?)
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.statements = match size {
            CacheSize::Disabled => Statements::Unnamed,
            _ => Statements::Kept(HashMap::new()),
        };
    }
}

impl LoadConnection for Conn {
    type Cursor<'conn, 'query> = Rows;
    type Row<'conn, 'query> = super::row::PgRow;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Rows>
    where
        T: Query + QueryFragment<Self::Backend> + QueryId + 'query,
        Self::Backend: QueryMetadata<T::SqlType>,
    {
        self.query(Parts::of(&source, T::query_id())?)
    }
}

impl MigrationConnection for Conn {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
    }
}
