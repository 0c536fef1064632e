#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include <zlib.h>

#include "apps/files/file_error.h"
#include "apps/files/npy.h"
#include "apps/files/read_file.h"
#include "apps/files/zip_format.h"

namespace fleet::files {
namespace {

using namespace zip;

constexpr std::uint64_t kMaxTotal = std::uint64_t{4} << 30;  // bytes after inflating
constexpr std::uint64_t kMaxRatio = 1100;                    // deflate reaches 1032: more is a lie

/// Reads numbers out of the file's bytes, within their bounds.
class ZipReader {
 public:
  ZipReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::map<std::string, Array> read() const;

 private:
  template <typename T>
  T number(std::uint64_t offset) const {
    T value{};
    std::memcpy(&value, text(offset, sizeof value).data(), sizeof value);
    return value;
  }

  std::string_view text(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      fail(offset, "the archive ends within a record");
    }
    return bytes_.substr(offset, size);
  }

  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const {
    throw FileError(file_, at_byte(offset), problem);
  }

  std::uint64_t find_end() const;
  Member read_entry(std::uint64_t offset) const;
  std::string_view stored_bytes(const Member& member) const;
  std::string contents(const Member& member) const;

  std::string_view bytes_;
  const std::string& file_;
};

/// Inflates to exactly `size` bytes; nothing if the stream has more, fewer, or is damaged.
std::optional<std::string> inflated(std::string_view stored, std::uint64_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stored.data()));
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const int result = inflate(&stream, Z_FINISH);
  const bool is_whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return is_whole ? std::optional(std::move(out)) : std::nullopt;
}

/// Returns where the end record lies; archives with a comment behind it are not NumPy's.
std::uint64_t ZipReader::find_end() const {
  if (bytes_.size() < kEndSize || number<std::uint32_t>(bytes_.size() - kEndSize) != kEndMark) {
    fail(bytes_.size(), "is no .npz archive: expected the zip end record as its last 22 bytes");
  }
  return bytes_.size() - kEndSize;
}

Member ZipReader::read_entry(std::uint64_t offset) const {
  if (number<std::uint32_t>(offset) != kCentralMark) {
    fail(offset, "expected an entry of the zip directory");
  }
  Member member;
  member.method = number<std::uint16_t>(offset + 10);
  member.crc = number<std::uint32_t>(offset + 16);
  member.stored_size = number<std::uint32_t>(offset + 20);
  member.size = number<std::uint32_t>(offset + 24);
  member.offset = number<std::uint32_t>(offset + 42);
  member.name = text(offset + kCentralSize, number<std::uint16_t>(offset + 28));
  if (member.stored_size == kMaxZip32 || member.size == kMaxZip32 || member.offset == kMaxZip32) {
    fail(offset, "'" + one_line(member.name) +
                     "' has zip64 sizes (4 GiB or more); save it as .npy instead");
  }
  if ((number<std::uint16_t>(offset + 8) & 1) != 0) {
    fail(offset, "'" + one_line(member.name) + "' is encrypted");
  }
  if (member.method != kStored && member.method != kDeflated) {
    fail(offset, "'" + one_line(member.name) + "' has zip method " + std::to_string(member.method) +
                     "; expected 0 (stored) or 8 (deflated)");
  }
  if (member.method == kStored ? member.size != member.stored_size
                               : member.size > kMaxRatio * (member.stored_size + 1)) {
    fail(offset, "'" + one_line(member.name) + "' claims " + std::to_string(member.size) +
                     " bytes from " + std::to_string(member.stored_size));
  }
  return member;
}

std::string_view ZipReader::stored_bytes(const Member& member) const {
  const std::uint64_t offset = member.offset;
  const auto name_size = number<std::uint16_t>(offset + 26);
  if (number<std::uint32_t>(offset) != kLocalMark ||
      number<std::uint16_t>(offset + 8) != member.method ||
      text(offset + kLocalSize, name_size) != member.name) {
    fail(offset, "expected the data of '" + one_line(member.name) + "'");
  }
  const auto extra_size = number<std::uint16_t>(offset + 28);
  return text(offset + kLocalSize + name_size + extra_size, member.stored_size);
}

std::string ZipReader::contents(const Member& member) const {
  const std::string_view stored = stored_bytes(member);
  std::optional<std::string> bytes =
      member.method == kStored ? std::optional(std::string(stored)) : inflated(stored, member.size);
  if (!bytes || extend_crc(0, std::as_bytes(std::span(*bytes))) != member.crc) {
    fail(member.offset, "'" + one_line(member.name) + "' is damaged: its CRC-32 does not match");
  }
  return std::move(*bytes);
}

std::map<std::string, Array> ZipReader::read() const {
  const std::uint64_t end = find_end();
  const auto num_members = number<std::uint16_t>(end + 10);
  const auto directory_size = number<std::uint32_t>(end + 12);
  std::uint64_t offset = number<std::uint32_t>(end + 16);
  if (num_members == 0xffff || offset == kMaxZip32) {
    fail(end, "is a zip64 archive; expected less than 4 GiB and 65535 arrays");
  }
  if (number<std::uint32_t>(end + 4) != 0 || num_members != number<std::uint16_t>(end + 8) ||
      offset + directory_size != end) {
    fail(end, "the zip end record contradicts the file");
  }
  std::map<std::string, Array> arrays;
  std::uint64_t total_stored = 0;
  std::uint64_t total = 0;
  for (int index = 0; index < num_members; ++index) {
    const Member member = read_entry(offset);
    total += member.size;
    total_stored += member.stored_size;
    if (total > kMaxTotal || total_stored > bytes_.size()) {
      fail(offset, total > kMaxTotal ? "holds more than " + std::to_string(kMaxTotal) + " bytes"
                                     : "its arrays overlap");
    }
    if (!member.name.ends_with(".npy")) {
      fail(offset, "'" + one_line(member.name) + "' is no .npy array");
    }
    const std::string key = member.name.substr(0, member.name.size() - 4);
    const std::string place = file_ + "[" + one_line(key) + "]";
    if (!arrays.emplace(key, parse_npy(contents(member), place)).second) {
      fail(offset, "array '" + one_line(key) + "' is given twice");
    }
    offset += kCentralSize + std::uint64_t{number<std::uint16_t>(offset + 28)} +
              number<std::uint16_t>(offset + 30) + number<std::uint16_t>(offset + 32);
  }
  if (offset != end) {
    fail(offset, "the zip directory is longer than its entries");
  }
  return arrays;
}

}  // namespace

std::map<std::string, Array> parse_npz(std::string_view bytes, const std::string& file) {
  return ZipReader(bytes, file).read();
}

std::map<std::string, Array> load_npz(const std::string& path) {
  return parse_npz(read_file(path, std::uint64_t{1} << 32), path);
}

}  // namespace fleet::files
