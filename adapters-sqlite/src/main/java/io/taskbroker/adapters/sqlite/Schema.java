package io.taskbroker.adapters.sqlite;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the file holds. How far an activation has come is apart from what came, and that from its
 * payload, so that a change of the one never rewrites the other; there is no index that the engine
 * in memory makes needless.
 *
 * <p>All of this text is on the first page of a new file, so that damage elsewhere leaves it
 * readable.
 */
final class Schema {
  /** Marks a database as ours: "TskB". */
  static final int APPLICATION_ID = 0x54736b42;

  /** Of this program. Earlier ones are brought up by {@link SchemaUpgrade}. */
  static final int VERSION = 1 + SchemaUpgrade.STEPS.size();

  /** Small pages: a change in a large backlog touches few neighbours. */
  static final int PAGE_BYTES = 4_096;

  /** The relation that other programs know; in files of the reference it is a table. */
  static final String VIEW = "inflight_taskactivations";

  /** As it came: nothing of it ever changes. */
  static final String ACTIVATION =
      """
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
      ) STRICT
      """;

  /** A row that has none is pending, and nobody has had it. A status is the number of its place. */
  static final String PROGRESS =
      """
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
      ) STRICT
      """;

  static final String PAYLOAD =
      """
      CREATE TABLE payload (
        key   INTEGER PRIMARY KEY, -- that of the activation; none for a completed one
        bytes BLOB NOT NULL
      ) STRICT
      """;

  private static final String POSITION =
      """
      CREATE TABLE position (
        topic        TEXT    NOT NULL,
        partition    INTEGER NOT NULL,
        acknowledged INTEGER NOT NULL, -- offset up to which Kafka knows the group's commit
        PRIMARY KEY (topic, partition)
      ) STRICT, WITHOUT ROWID
      """;

  static final String WRITTEN =
      """
      CREATE TABLE written (
        one        INTEGER PRIMARY KEY CHECK (one = 1),
        last_group INTEGER NOT NULL -- of those that neither leave nor delete a row
      ) STRICT
      """;

  static final String STANDING_ORDER =
      """
      CREATE TABLE standing_order (
        name TEXT PRIMARY KEY,
        text TEXT NOT NULL
      ) STRICT, WITHOUT ROWID
      """;

  /**
   * What is not over. A failed task that leaves no dead letter (its policy is not 2) is kept for
   * operators, and its work is over.
   *
   * <p>Whole seconds, rounded down also before 1970, where SQLite's division rounds up.
   */
  static final String UNFINISHED =
      """
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
      AND a.defect IS NULL
      """;

  static final List<String> OBJECTS =
      List.of(ACTIVATION, PROGRESS, PAYLOAD, POSITION, WRITTEN, STANDING_ORDER, UNFINISHED);

  private static final Pattern CREATED = Pattern.compile("CREATE (TABLE|VIEW) (\\w+)");

  private Schema() {}

  /** What a file of this version has, each as {@code table name} or {@code view name}. */
  static Set<String> objects() {
    Set<String> objects = new LinkedHashSet<>();
    for (String sql : OBJECTS) {
      Matcher created = CREATED.matcher(sql);
      if (created.find()) {
        objects.add(created.group(1).toLowerCase(Locale.ROOT) + " " + created.group(2));
      }
    }
    return objects;
  }
}
