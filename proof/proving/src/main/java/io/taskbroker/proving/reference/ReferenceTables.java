package io.taskbroker.proving.reference;

import java.util.List;

/** The layout of the reference's file. */
final class ReferenceTables {
  static final String TABLE = "inflight_taskactivations";

  static final String BOOKKEEPING =
      """
      CREATE TABLE _sqlx_migrations (
        version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
        checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)""";

  /**
   * A step of it.
   *
   * @param description as it is written down
   * @param checksum SHA-384 of the reference's script, in hexadecimal digits
   * @param statements that have the script's effect
   */
  record Migration(String description, String checksum, List<String> statements) {}

  static final List<Migration> MIGRATIONS =
      List.of(
          new Migration(
              "create inflight taskactivations",
              "0098ec0357575e700b4388a951736b9598d3379ab8cb1db8c6276e1a99f84ecb2243155f10bde700a546094bd15486cc",
              List.of(
                  """
                  CREATE TABLE IF NOT EXISTS inflight_taskactivations (
                    id TEXT NOT NULL PRIMARY KEY, activation BLOB NOT NULL,
                    partition INTEGER NOT NULL, offset INTEGER NOT NULL, added_at INTEGER NOT NULL,
                    processing_attempts INTEGER NOT NULL, expires_at INTEGER,
                    processing_deadline_duration INTEGER NOT NULL, processing_deadline INTEGER,
                    status TEXT NOT NULL, at_most_once INTEGER NOT NULL DEFAULT 0, namespace TEXT
                  ) STRICT""",
                  "CREATE INDEX idx_pending_activation ON inflight_taskactivations"
                      + " (status, added_at, namespace, id)")),
          new Migration(
              "add delay",
              "03c22fde8411c57d97fc9d83e5b2245204fb55d3f7dd51f7b3f0c5f58d6433d9d7104789d4feb08b68fabee991264ce9",
              List.of(add("delay_until INTEGER"))),
          new Migration(
              "update activations table",
              "012fd5cab96406284d29966bab499fe89309d97d377a601ac00621eddac47b46702a964ef98c27d0842a373cf517cb76",
              List.of(
                  add("on_attempts_exceeded INTEGER NOT NULL DEFAULT 1"),
                  add("received_at INTEGER NOT NULL DEFAULT 0"),
                  add("taskname TEXT NOT NULL DEFAULT ''"))),
          new Migration(
              "add application",
              "f0546b1eaba8545eab2eb69f89bd48b873a983fb356792600a38ff70eac279afb4c242c9f78b4b444dd6ecabf8e75090",
              List.of(add("application TEXT NOT NULL DEFAULT ''"))),
          new Migration(
              "add bucket",
              "144e04dbb515d48f5a0c7dd9c6c8c4b2ce89edf0761f57a5c69f3a19a74978edf8bab83b680b434427d9b285c45c25d9",
              List.of(add("bucket INTEGER NOT NULL DEFAULT 0"))),
          new Migration(
              "add claim expires at",
              "54c2f44fc6907f5f87684bc36b81553c6347837359523671c245a72f115acb37a6e0191ce68a8a8efdc488ffab592a25",
              List.of(add("claim_expires_at INTEGER"))));

  /** All columns after the newest migration, in their order. */
  static final List<String> COLUMNS =
      List.of(
          "id",
          "activation",
          "partition",
          "offset",
          "added_at",
          "processing_attempts",
          "expires_at",
          "processing_deadline_duration",
          "processing_deadline",
          "status",
          "at_most_once",
          "namespace",
          "delay_until",
          "on_attempts_exceeded",
          "received_at",
          "taskname",
          "application",
          "bucket",
          "claim_expires_at");

  private ReferenceTables() {}

  private static String add(String column) {
    return "ALTER TABLE inflight_taskactivations ADD COLUMN " + column;
  }
}
