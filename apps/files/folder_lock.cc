#include "apps/files/folder_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>

#include "apps/files/file_error.h"

namespace fleet::files {

FolderLock::FolderLock(const std::string& folder)
    : file_(folder + "/" + kName, O_RDWR | O_CREAT | O_CLOEXEC) {
  // Some network file systems have no locks; there, nothing can be told.
  if (::flock(file_.descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw FileError(folder, "", "is being written by another fleet; wait until it has ended");
  }
}

}  // namespace fleet::files
