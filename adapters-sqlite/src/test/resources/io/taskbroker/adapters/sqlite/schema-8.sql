-- The store's schema, version 8, which keeps how far a row has come in a table of its own, and one row in each state.

PRAGMA auto_vacuum = INCREMENTAL;

PRAGMA application_id = 1416850242;

PRAGMA user_version = 8;

CREATE TABLE activation (
  key INTEGER PRIMARY KEY, -- order of arrival
  id TEXT NOT NULL, -- unique, which the engine sees to
  application TEXT NOT NULL,
  namespace TEXT NOT NULL,
  taskname TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL, -- -1: not known
  offset INTEGER NOT NULL,
  received_at INTEGER NOT NULL, -- this and all other times: Unix milliseconds
  added_at INTEGER NOT NULL,
  expires_at INTEGER,
  delay_until INTEGER,
  processing_deadline_sec INTEGER NOT NULL,
  at_most_once INTEGER NOT NULL, -- 0 or 1
  on_attempts_exceeded INTEGER NOT NULL, -- number of the protocol's enum
  payload_bytes INTEGER NOT NULL,
  bucket INTEGER NOT NULL, -- 0 to 255, from the id
  defect TEXT, -- why the record is no task
  last_group INTEGER NOT NULL -- that brought it
) STRICT;

CREATE TABLE progress (
  key INTEGER PRIMARY KEY,
  status INTEGER NOT NULL, -- Delay, Pending, Claimed, Processing, Retry, Failure, Complete
  due_at INTEGER, -- end of the delay, lease or deadline
  claim_purpose INTEGER, -- of a claimed one: 0 push, 1 demotion
  attempts INTEGER NOT NULL,
  retry_max_attempts INTEGER, -- signed 32 bit reading of an unsigned number
  retry_delay_sec INTEGER, -- signed 64 bit reading of an unsigned number
  parked TEXT, -- why it is kept aside and does not leave
  failure_cause INTEGER, -- of a failed one
  failed_at INTEGER,
  last_error TEXT,
  under_way INTEGER NOT NULL, -- 1: Kafka may have its only record
  last_group INTEGER NOT NULL, -- that changed it
  round INTEGER NOT NULL -- of the latest hand-out
) STRICT;

CREATE TABLE payload (
  key   INTEGER PRIMARY KEY, -- that of the activation; none for a completed one
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE position (
  topic        TEXT    NOT NULL,
  partition    INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL, -- offset up to which Kafka knows the group's commit
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE written (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  last_group INTEGER NOT NULL -- of those that leave no row
) STRICT;

CREATE TABLE standing_order (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW inflight_taskactivations AS
SELECT a.id,
  p.bytes AS activation,
  a.partition,
  a.offset,
  a.added_at / 1000 - (a.added_at % 1000 < 0) AS added_at,
  coalesce(g.attempts, 0) AS processing_attempts,
  a.expires_at / 1000 - (a.expires_at % 1000 < 0) AS expires_at,
  a.processing_deadline_sec AS processing_deadline_duration,
  CASE g.status WHEN 3 THEN g.due_at / 1000 - (g.due_at % 1000 < 0) END
  AS processing_deadline,
  CASE coalesce(g.status, 1) WHEN 0 THEN 'Delay'
  WHEN 1 THEN 'Pending'
  WHEN 2 THEN 'Claimed'
  WHEN 3 THEN 'Processing'
  WHEN 4 THEN 'Retry'
  WHEN 5 THEN 'Failure' END AS status,
  a.at_most_once,
  a.namespace,
  a.delay_until / 1000 - (a.delay_until % 1000 < 0) AS delay_until,
  a.on_attempts_exceeded,
  a.received_at / 1000 - (a.received_at % 1000 < 0) AS received_at,
  a.taskname,
  a.application,
  a.bucket,
  CASE g.status WHEN 2 THEN g.due_at / 1000 - (g.due_at % 1000 < 0) END
  AS claim_expires_at
FROM activation a
LEFT JOIN progress g ON g.key = a.key
LEFT JOIN payload p ON p.key = a.key
WHERE g.status IS NOT 6
AND (g.status IS NOT 5 OR a.on_attempts_exceeded = 2)
AND a.defect IS NULL;

INSERT INTO activation VALUES (1, 'id-1', 'shop', 'orders', 'send', 'tasks', 3, 101, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 5);

INSERT INTO progress VALUES (1, 0, 1771000060000, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, 5, 0);

INSERT INTO activation VALUES (2, 'id-2', 'shop', 'orders', 'send', 'tasks', 3, 102, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 6);

INSERT INTO activation VALUES (3, 'id-3', 'shop', 'orders', 'send', 'tasks', 3, 103, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 7);

INSERT INTO progress VALUES (3, 2, 1771000005000, 0, 3, NULL, NULL, NULL, NULL, NULL, NULL, 0, 7, 1771000000126);

INSERT INTO activation VALUES (4, 'id-4', 'shop', 'orders', 'send', 'tasks', 3, 104, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 8);

INSERT INTO progress VALUES (4, 2, 1771000005000, 1, 4, NULL, NULL, NULL, NULL, NULL, NULL, 0, 8, 1771000000127);

INSERT INTO activation VALUES (5, 'id-5', 'shop', 'orders', 'send', 'tasks', 3, 105, 1771000000123, 1771000000456, NULL, NULL, 30, 1, 2, 9, 0, NULL, 9);

INSERT INTO progress VALUES (5, 3, 1771000030000, NULL, 5, NULL, NULL, NULL, NULL, NULL, NULL, 0, 9, 1771000000128);

INSERT INTO activation VALUES (6, 'id-6', 'shop', 'orders', 'send', 'tasks', 3, 106, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 10);

INSERT INTO progress VALUES (6, 4, NULL, NULL, 6, 5, NULL, 'too large', NULL, NULL, NULL, 0, 10, 0);

INSERT INTO activation VALUES (7, 'id-7', 'shop', 'orders', 'send', 'tasks', 3, 107, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, 'no task', 11);

INSERT INTO progress VALUES (7, 5, NULL, NULL, 7, NULL, NULL, NULL, 1, 1771000040000, 'said by a server', 0, 11, 0);

INSERT INTO activation VALUES (8, 'id-8', 'shop', 'orders', 'send', 'tasks', 3, 108, 1771000000123, 1771000000456, NULL, NULL, 30, 0, 2, 9, 0, NULL, 12);

INSERT INTO progress VALUES (8, 6, NULL, NULL, 8, NULL, NULL, NULL, NULL, NULL, NULL, 0, 12, 0);

INSERT INTO payload VALUES (1, CAST('payload 1' AS BLOB));

INSERT INTO payload VALUES (2, CAST('payload 2' AS BLOB));

INSERT INTO payload VALUES (3, CAST('payload 3' AS BLOB));

INSERT INTO payload VALUES (4, CAST('payload 4' AS BLOB));

INSERT INTO payload VALUES (5, CAST('payload 5' AS BLOB));

INSERT INTO payload VALUES (6, CAST('payload 6' AS BLOB));

INSERT INTO payload VALUES (7, CAST('payload 7' AS BLOB));

INSERT INTO position VALUES ('tasks', 3, 104);

INSERT INTO written VALUES (1, 12);

INSERT INTO standing_order VALUES ('pause?application=shop', 'by=ann&reason=deploy&since=1771000000000');

PRAGMA journal_mode = WAL;

INSERT INTO standing_order VALUES ('rounds', '1771016777216');
