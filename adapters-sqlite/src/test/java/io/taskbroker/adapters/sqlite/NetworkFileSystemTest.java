package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which file systems are those of another machine. */
class NetworkFileSystemTest {
  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb3", "fuse", "fuse.sshfs", "9p", "ceph"})
  void fileSystemsElsewhereAreKnown(String type) {
    assertThat(NetworkFileSystem.isRemote(type)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk", "apfs"})
  void fileSystemsHereAreKnown(String type) {
    assertThat(NetworkFileSystem.isRemote(type)).isFalse();
  }
}
