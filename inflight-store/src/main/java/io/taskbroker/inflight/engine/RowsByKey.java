package io.taskbroker.inflight.engine;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows by their keys, in order. Keys ascend as rows arrive, so neighbours share a block: a row
 * costs a place in it instead of an entry of a tree.
 */
final class RowsByKey {
  /** Keys of one block; also one that holds a single old row takes little. */
  private static final int BLOCK_BITS = 5;

  private static final int BLOCK = 1 << BLOCK_BITS;

  private final TreeMap<Long, Block> blocks = new TreeMap<>();

  /** The block used last, in which the next key mostly is, too. */
  private @Nullable Block latest;

  private static final class Block {
    final long number;
    final @Nullable Row[] rows = new @Nullable Row[BLOCK];
    int size;

    Block(long number) {
      this.number = number;
    }

    private @Nullable Row from(int place) {
      for (int i = place; i < BLOCK; i++) {
        Row row = rows[i];
        if (row != null) {
          return row;
        }
      }
      return null;
    }
  }

  @Nullable Row get(long key) {
    Block block = block(key);
    return block == null ? null : block.rows[place(key)];
  }

  void put(Row row) {
    Block block = block(row.key);
    if (block == null) {
      block = new Block(row.key >> BLOCK_BITS);
      blocks.put(block.number, block);
      latest = block;
    }
    int place = place(row.key);
    block.size += block.rows[place] == null ? 1 : 0;
    block.rows[place] = row;
  }

  void remove(long key) {
    Block block = block(key);
    if (block == null || block.rows[place(key)] == null) {
      return;
    }
    block.rows[place(key)] = null;
    block.size--;
    if (block.size == 0) {
      blocks.remove(block.number);
      latest = null;
    }
  }

  /** The row of the next higher key; null if there is none. */
  @Nullable Row after(long key) {
    if (key == Long.MAX_VALUE) {
      return null;
    }
    Block block = block(key + 1);
    Row row = block == null ? null : block.from(place(key + 1));
    if (row != null) {
      return row;
    }
    Map.Entry<Long, Block> next = blocks.higherEntry((key + 1) >> BLOCK_BITS);
    return next == null ? null : next.getValue().from(0);
  }

  private static int place(long key) {
    return (int) key & (BLOCK - 1);
  }

  private @Nullable Block block(long key) {
    long number = key >> BLOCK_BITS;
    Block known = latest;
    if (known == null || known.number != number) {
      known = blocks.get(number);
      if (known != null) {
        latest = known;
      }
    }
    return known;
  }
}
