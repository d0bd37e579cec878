package io.taskbroker.proving.shared;

/**
 * Has the database note each group that is written by a broker after it was deposed. Every group
 * changes its broker's own row first.
 */
final class LateGroups {
  private final SharedDatabase database;

  private LateGroups(SharedDatabase database) {
    this.database = database;
  }

  /** From now on; the tables are there. */
  static LateGroups watch(SharedDatabase database) {
    database.run(
        "CREATE TABLE proving_late_group (broker bigint, group_no bigint)",
        """
        CREATE FUNCTION proving_note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO proving_late_group VALUES (NEW.no, NEW.group_no);
          RETURN NULL;
        END $$\
        """,
        """
        CREATE TRIGGER proving_note AFTER UPDATE ON taskbroker_broker FOR EACH ROW
        WHEN (OLD.fenced AND NEW.group_no <> OLD.group_no) EXECUTE FUNCTION proving_note()\
        """);
    return new LateGroups(database);
  }

  long count() {
    return database.count("SELECT count(*) FROM proving_late_group");
  }
}
