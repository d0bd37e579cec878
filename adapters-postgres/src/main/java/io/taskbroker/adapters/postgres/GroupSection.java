package io.taskbroker.adapters.postgres;

/**
 * A part of what a group writes, as one statement. Those that a group needs are sent together, in
 * this order, as one request: a row that is deleted makes room for one with its id.
 */
enum GroupSection {
  /**
   * Sets what holds for this transaction alone. A server must end a transaction whose broker is
   * frozen. And statistics of these tables are always old. Where they tell of one row, the planner
   * would read all of a table for each group, or all values of a group for each of its rows. A
   * bitmap of a few pages that are in memory costs more than it saves, and so does a plan that is
   * compiled, which is what a server may do where nothing is left but to read a table.
   */
  SETTINGS(
      """
      SELECT set_config('synchronous_commit', ?, true),
             set_config('statement_timeout', '20s', true),
             set_config('lock_timeout', '5s', true),
             set_config('idle_in_transaction_session_timeout', '5s', true),
             set_config('enable_seqscan', 'off', true),
             set_config('enable_bitmapscan', 'off', true),
             set_config('enable_nestloop', 'off', true),
             set_config('enable_mergejoin', 'off', true),
             set_config('jit', 'off', true)\
      """),

  /**
   * Says which group this is, if the broker is not deposed and the server stands at the group
   * before.
   */
  FENCE(fence("")),

  /**
   * As {@link #FENCE}, where this broker's row was seen last. Each group leaves a dead version of
   * it, and as long as a snapshot is held an index leads to all of them.
   */
  FENCE_IN_PLACE(fence("ctid = ?::tid AND ")),

  DELETED_TASKS("DELETE FROM taskbroker_task WHERE key = ANY (?)"),

  /** Of rows that are deleted or completed; gives the bytes of payload that are gone. */
  DELETED_PAYLOADS(
      """
      WITH gone AS (
        DELETE FROM taskbroker_payload WHERE key = ANY (?) RETURNING octet_length(bytes) AS bytes)
      SELECT coalesce(sum(bytes), 0)::int8 FROM gone\
      """),

  /** An id that is there already is left out, which the count tells. */
  NEW_TASKS(
      """
      INSERT INTO taskbroker_task (%s) SELECT * FROM %s
      %s\
      """
          .formatted(
              Column.names(TaskColumns.INSERTED),
              Column.unnest(TaskColumns.INSERTED),
              Schema.OR_LEAVE_OUT)),

  /**
   * As {@link #NEW_TASKS}; an id that the reference's table has is left out, too. Each is looked
   * for by itself, which {@code OFFSET} has the planner do.
   */
  NEW_TASKS_BESIDE_THE_REFERENCE(
      """
      INSERT INTO taskbroker_task (%s) SELECT * FROM %s
       WHERE NOT EXISTS (SELECT 1 FROM %s r WHERE r.id = u.id OFFSET 0)
      %s\
      """
          .formatted(
              Column.names(TaskColumns.INSERTED),
              Column.unnest(TaskColumns.INSERTED),
              Schema.VIEW,
              Schema.OR_LEAVE_OUT)),

  NEW_PAYLOADS(
      "INSERT INTO taskbroker_payload (key, bytes) SELECT * FROM unnest(?::int8[], ?::bytea[])"),

  /** The keys are there twice, so that no plan looks at more of the table than at them. */
  CHANGED_TASKS(
      "UPDATE taskbroker_task t SET %s FROM %s WHERE t.key = u.key AND t.key = ANY (?)"
          .formatted(TaskColumns.updates(), Column.unnest(TaskColumns.UPDATED))),

  /** As {@link #CHANGED_TASKS}. */
  POSITIONS(
      """
      UPDATE taskbroker_custody c SET acknowledged = u.position
        FROM unnest(?::int4[], ?::int8[]) AS u (no, position)
       WHERE c.no = u.no AND c.no = ANY (?)\
      """),

  ORDERS_PUT(
      """
      INSERT INTO taskbroker_standing_order (name, text)
      SELECT * FROM unnest(?::text[], ?::text[])
      ON CONFLICT (name) DO UPDATE SET text = excluded.text\
      """),

  ORDERS_LIFTED(
      """
      DELETE FROM taskbroker_standing_order o
       USING unnest(?::text[], ?::text[]) AS u (name, over)
       WHERE o.name = u.name AND o.text = coalesce(u.over, o.text)\
      """),

  /** The numbers of all reports differ. */
  SETTLED_REPORTS("DELETE FROM taskbroker_report WHERE custody = ANY (?) AND no = ANY (?)"),

  GIVEN_UP(
      """
      UPDATE taskbroker_custody
         SET broker = NULL, free_since = now(), wanted_by = NULL
       WHERE no = ANY (?) AND broker = ?\
      """);

  private static String fence(String place) {
    return """
    UPDATE taskbroker_broker SET group_no = ?
     WHERE %sno = ? AND NOT fenced AND group_no = ?
    RETURNING ctid::text\
    """
        .formatted(place);
  }

  private final String sql;

  GroupSection(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
