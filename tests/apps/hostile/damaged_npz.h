#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/files/npy.h"
#include "apps/files/read_file.h"
#include "apps/files/zip_format.h"
#include "tests/apps/files/fields_for_tests.h"
#include "tests/apps/hostile/hostile_case.h"

namespace fleet::files {

/// Returns a .npy file of version 1 with this description and data.
inline std::string npy(const std::string& description, const std::string& data) {
  return std::string("\x93NUMPY\x01\x00", 8) +
         bytes_of(static_cast<std::uint16_t>(description.size())) + description + data;
}
inline std::string npy(const std::string& description, std::size_t num_bytes = 8) {
  return npy(description, std::string(num_bytes, '\0'));
}

inline std::string described(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

/// Returns a sound archive of whatever these members are, stored.
inline std::string zipped(const std::vector<std::pair<std::string, std::string>>& members) {
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  std::string archive;
  std::string directory;
  for (const auto& [name, bytes] : members) {
    const U32 crc = zip::extend_crc(0, std::as_bytes(std::span(bytes)));
    // Version, flags, method and time; CRC-32; size, stored and inflated; size of the name.
    const std::string common = bytes_of(U16{20}) + std::string(8, '\0') + bytes_of(crc) +
                               bytes_of(static_cast<U32>(bytes.size())) +
                               bytes_of(static_cast<U32>(bytes.size())) +
                               bytes_of(static_cast<U16>(name.size())) + bytes_of(U16{0});
    const auto offset = static_cast<U32>(archive.size());
    archive += bytes_of(zip::kLocalMark) + common + name + bytes;
    directory += bytes_of(zip::kCentralMark) + bytes_of(U16{20}) + common + std::string(10, '\0') +
                 bytes_of(offset) + name;
  }
  const auto count = static_cast<U16>(members.size());
  return archive + directory + bytes_of(zip::kEndMark) + bytes_of(U32{0}) + bytes_of(count) +
         bytes_of(count) + bytes_of(static_cast<U32>(directory.size())) +
         bytes_of(static_cast<U32>(archive.size())) + bytes_of(U16{0});
}

/// A sound archive of one stored array, its pieces open to damage.
class Archive {
 public:
  explicit Archive(const Field& field) {
    const TemporaryFolder folder;
    save_npz(folder / "a.npz", {field}, NpzCompression::kStored);
    bytes_ = read_file(folder / "a.npz", 10'000);
    central_ = bytes_.find("PK\x01\x02");
    end_ = bytes_.size() - 22;
  }

  /// Returns the archive with a number at an offset within one of its records replaced.
  template <typename T>
  std::string local(std::size_t offset, T number) const {
    return with(offset, number);
  }
  template <typename T>
  std::string central(std::size_t offset, T number) const {
    return with(central_ + offset, number);
  }
  template <typename T>
  std::string end(std::size_t offset, T number) const {
    return with(end_ + offset, number);
  }
  std::string bytes() const { return bytes_; }

  /// Returns the archive with its directory entry twice.
  std::string with_entry_twice() const {
    std::string twice = bytes_;
    const std::string entry = bytes_.substr(central_, end_ - central_);
    twice.insert(central_, entry);
    twice.replace(end_ + entry.size() + 8, 8,
                  bytes_of<std::uint16_t>(2) + bytes_of<std::uint16_t>(2) +
                      bytes_of(static_cast<std::uint32_t>(2 * entry.size())));
    return twice;
  }

 private:
  template <typename T>
  std::string with(std::size_t offset, T number) const {
    return std::string(bytes_).replace(offset, sizeof number, bytes_of(number));
  }

  std::string bytes_;
  std::size_t central_ = 0;
  std::size_t end_ = 0;
};

}  // namespace fleet::files
