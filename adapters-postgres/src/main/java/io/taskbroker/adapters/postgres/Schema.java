package io.taskbroker.adapters.postgres;

import java.util.List;

/**
 * What the database holds, as the steps that make it. How far a task has come is in its row, its
 * payload in a table of its own, so that a change of the one never rewrites the other. No index
 * holds a column that changes, and each page has room for changed rows, so that a change touches no
 * index.
 *
 * <p>All names are without a schema: everything is in the first one of the search path.
 */
final class Schema {
  /** The relation that other programs know; in a database of the reference it is a table. */
  static final String VIEW = "inflight_taskactivations";

  private static final String VACUUM =
      "autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0";

  /** One row for all of the database. */
  static final String META =
      """
      CREATE TABLE IF NOT EXISTS taskbroker_meta (
        one smallint PRIMARY KEY CHECK (one = 1),
        version integer NOT NULL, -- how many steps have been taken
        migrated_at timestamptz NOT NULL DEFAULT now(),
        last_key bigint NOT NULL DEFAULT 0, -- the highest one that was reserved
        last_group bigint NOT NULL DEFAULT 0 -- of a broker that owned everything alone
      )
      """;

  private static final String BROKER =
      """
      CREATE TABLE taskbroker_broker (
        no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- of a process; never used again
        name text NOT NULL, -- for people
        opened_at timestamptz NOT NULL DEFAULT now(),
        group_no bigint NOT NULL, -- of the last group it has written
        fenced boolean NOT NULL DEFAULT false, -- deposed: it writes nothing any more
        fenced_at timestamptz,
        fenced_by text
      ) WITH (fillfactor = 10, autovacuum_vacuum_cost_delay = 0)
      """;

  private static final String HEARTBEAT =
      """
      CREATE TABLE taskbroker_heartbeat (
        broker bigint PRIMARY KEY,
        beat_at timestamptz NOT NULL,
        topics text[] NOT NULL, -- that it reads
        live_bytes bigint NOT NULL -- of its rows and their payloads
      ) WITH (fillfactor = 10, autovacuum_vacuum_cost_delay = 0)
      """;

  private static final String CUSTODY =
      """
      CREATE TABLE taskbroker_custody (
        no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL,
        partition integer NOT NULL, -- -1: not known
        broker bigint, -- none: free
        free_since timestamptz,
        wanted_by bigint,
        acknowledged bigint, -- offset up to which Kafka knows the group's commit
        UNIQUE (topic, partition)
      ) WITH (fillfactor = 50)
      """;

  private static final String TASK =
      """
      CREATE TABLE taskbroker_task (
        key bigint PRIMARY KEY, -- order of arrival
        custody integer NOT NULL, -- which partition it came from; never changes
        id text NOT NULL, -- of a task unique; a bad record has none of its own
        application text NOT NULL,
        namespace text NOT NULL,
        taskname text NOT NULL,
        kafka_offset bigint NOT NULL,
        received_at bigint NOT NULL, -- this and all other times: Unix milliseconds
        added_at bigint NOT NULL,
        expires_at bigint,
        delay_until bigint,
        processing_deadline_sec integer NOT NULL,
        at_most_once boolean NOT NULL,
        on_attempts_exceeded smallint NOT NULL, -- number of the protocol's enum
        payload_bytes integer NOT NULL,
        bucket smallint NOT NULL, -- 0 to 255, from the id
        defect text, -- why the record is no task
        status smallint NOT NULL, -- Delay, Pending, Claimed, Processing, Retry, Failure, Complete
        due_at bigint, -- end of the delay, lease or deadline; the latter two by the server's clock
        claim_purpose smallint, -- of a claimed one: 0 push, 1 demotion
        attempts integer NOT NULL,
        retry_max_attempts integer, -- signed 32 bit reading of an unsigned number
        retry_delay_sec bigint, -- signed 64 bit reading of an unsigned number
        parked text, -- why it is kept aside and does not leave
        failure_cause smallint, -- of a failed one
        failed_at bigint,
        last_error text,
        under_way boolean NOT NULL, -- Kafka may have its only record
        round bigint NOT NULL -- of the latest hand-out
      ) WITH (fillfactor = 50, %s)
      """
          .formatted(VACUUM);

  private static final String PAYLOAD =
      """
      CREATE TABLE taskbroker_payload (
        key bigint PRIMARY KEY, -- that of the task; none for a completed one
        bytes bytea NOT NULL
      ) WITH (%s, toast.autovacuum_vacuum_scale_factor = 0.01,
              toast.autovacuum_vacuum_cost_delay = 0)
      """
          .formatted(VACUUM);

  private static final String REPORT =
      """
      CREATE TABLE taskbroker_report (
        custody integer NOT NULL, -- whose owner is to take it
        no bigint GENERATED ALWAYS AS IDENTITY,
        key bigint NOT NULL, -- of the task
        id text NOT NULL,
        token bigint NOT NULL, -- 0: the worker named only the task
        word smallint NOT NULL, -- 0 complete, 1 failure, 2 retry, 3 never begun,
          -- 4 to 6 Kafka has its retry, dead letter, demotion
        retry_max_attempts integer,
        retry_delay_sec bigint,
        error text,
        left_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (custody, no)
      ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0)
      """;

  private static final String STANDING_ORDER =
      """
      CREATE TABLE taskbroker_standing_order (
        name text PRIMARY KEY,
        text text NOT NULL
      )
      """;

  /**
   * What is not over. A failed task that leaves no dead letter (its policy is not 2) is kept for
   * operators, and its work is over. Postgres leaves the joins out for questions that do not ask
   * for the payload or the topic.
   */
  static final String UNFINISHED =
      """
      CREATE VIEW inflight_taskactivations AS
      SELECT t.id,
        p.bytes AS activation,
        c.partition,
        t.kafka_offset,
        %1$s AS added_at,
        %2$s AS received_at,
        t.attempts AS processing_attempts,
        %3$s AS expires_at,
        %4$s AS delay_until,
        t.processing_deadline_sec AS processing_deadline_duration,
        CASE t.status WHEN 3 THEN %5$s END AS processing_deadline,
        CASE t.status WHEN 0 THEN 'Delay'
        WHEN 1 THEN 'Pending'
        WHEN 2 THEN 'Claimed'
        WHEN 3 THEN 'Processing'
        WHEN 4 THEN 'Retry'
        WHEN 5 THEN 'Failure' END AS status,
        t.at_most_once,
        t.application,
        t.namespace,
        t.taskname,
        t.on_attempts_exceeded::integer AS on_attempts_exceeded,
        t.bucket,
        CASE t.status WHEN 2 THEN %5$s END AS claim_expires_at,
        c.topic
      FROM taskbroker_task t
      LEFT JOIN taskbroker_payload p ON p.key = t.key
      LEFT JOIN taskbroker_custody c ON c.no = t.custody
      WHERE t.status <> 6
      AND (t.status <> 5 OR t.on_attempts_exceeded = 2)
      AND t.defect IS NULL
      """
          .formatted(
              time("t.added_at"),
              time("t.received_at"),
              time("t.expires_at"),
              time("t.delay_until"),
              time("t.due_at"));

  /** Refuses a row whose id is there. */
  private static final String ONE_ROW_OF_AN_ID = "taskbroker_task_id";

  /** Of an insertion into the tasks: leaves out what {@link #ONE_ROW_OF_AN_ID} refuses. */
  static final String OR_LEAVE_OUT =
      "ON CONFLICT ON CONSTRAINT " + ONE_ROW_OF_AN_ID + " DO NOTHING";

  /**
   * Ids have no order, so a new row's id touches any page of their index. Hashes of them take 37
   * bytes a row where the ids took 73, and stay in memory for longer. The index of custodies does
   * not hold the key itself: where statistics tell of a few rows all indexes cost the same, and one
   * that leads to a key by way of all custodies would do as well as the primary one.
   */
  private static final List<String> SMALLER_INDEXES =
      List.of(
          "DROP INDEX taskbroker_task_id",
          """
          ALTER TABLE taskbroker_task ADD CONSTRAINT %s
            EXCLUDE USING hash (id WITH =) WHERE (defect IS NULL)\
          """
              .formatted(ONE_ROW_OF_AN_ID),
          "DROP INDEX taskbroker_task_custody",
          "CREATE INDEX taskbroker_task_custody ON taskbroker_task (custody, (key + 0))");

  /**
   * The first one is taken on an empty database as on one of the reference, whose table keeps its
   * name: then the view comes later.
   */
  static final List<List<String>> STEPS =
      List.of(
          List.of(
              BROKER,
              HEARTBEAT,
              CUSTODY,
              TASK,
              "CREATE UNIQUE INDEX taskbroker_task_id ON taskbroker_task (id) WHERE defect IS NULL",
              "CREATE INDEX taskbroker_task_custody ON taskbroker_task (custody, key)",
              PAYLOAD,
              "ALTER TABLE taskbroker_payload ALTER COLUMN bytes SET STORAGE EXTERNAL", // as it
              // came
              REPORT,
              STANDING_ORDER),
          SMALLER_INDEXES);

  /** Of this program. */
  static final int VERSION = STEPS.size();

  /** What the user at work needs of each. */
  static final List<String> TABLES =
      List.of(
          "taskbroker_meta",
          "taskbroker_broker",
          "taskbroker_heartbeat",
          "taskbroker_custody",
          "taskbroker_task",
          "taskbroker_payload",
          "taskbroker_report",
          "taskbroker_standing_order");

  private Schema() {}

  /** A number of milliseconds as a time, of the years 1 to 9999; no number is no time. */
  static String time(String column) {
    return """
    to_timestamp(CASE WHEN %1$s > 253402300799999 THEN 253402300799999
    WHEN %1$s < -62135596800000 THEN -62135596800000
    ELSE %1$s END / 1000.0)\
    """
        .formatted(column);
  }
}
