#include <algorithm>
#include <set>
#include <stdexcept>

#include <zlib.h>

#include "apps/files/atomic_write.h"
#include "apps/files/field_rows.h"
#include "apps/files/file_error.h"
#include "apps/files/npy.h"
#include "apps/files/zip_format.h"

namespace fleet::files {
namespace {

using namespace zip;

constexpr std::uint16_t kDate1980 = 0x21;  // the earliest: an archive carries no time

template <typename T>
void put(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Appends what local header and central directory have in common, from the version on.
void put_common(std::string& out, const Member& member) {
  put<std::uint16_t>(out, 20);      // version 2.0 reads deflate
  put<std::uint16_t>(out, 0x0800);  // names are UTF-8
  put(out, member.method);
  put<std::uint16_t>(out, 0);
  put(out, kDate1980);
  put(out, member.crc);
  put(out, static_cast<std::uint32_t>(member.stored_size));
  put(out, static_cast<std::uint32_t>(member.size));
  put(out, static_cast<std::uint16_t>(member.name.size()));
  put<std::uint16_t>(out, 0);  // no extra field
}

/// Deflates pieces of bytes into one raw stream.
class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("zlib cannot start");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void add(std::span<const std::byte> bytes) {
    constexpr std::size_t kPiece = std::size_t{1} << 30;  // zlib counts in 32 bits
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(kPiece, bytes.size()))) {
      run(bytes.first(std::min(kPiece, bytes.size())), Z_NO_FLUSH);
    }
  }
  std::string finish() {
    run({}, Z_FINISH);
    return std::move(out_);
  }

 private:
  void run(std::span<const std::byte> bytes, int flush) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      Bytef block[1 << 16];
      stream_.next_out = block;
      stream_.avail_out = sizeof block;
      deflate(&stream_, flush);
      out_.append(reinterpret_cast<const char*>(block), sizeof block - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  std::string out_;
};

Member describe(const Field& field, const std::string& header, const std::string& path) {
  Member member{.name = field.name + ".npy", .size = header.size() + field.num_bytes()};
  if (member.size >= kMaxZip32 || member.name.size() > 0xffff) {
    throw FileError(path, "array '" + one_line(field.name) + "'",
                    "has 4 GiB or more, which an .npz cannot hold; save it as .npy");
  }
  member.crc = extend_crc(0, std::as_bytes(std::span(header)));
  for_each_block(field, [&](auto block) { member.crc = extend_crc(member.crc, block); });
  member.stored_size = member.size;
  return member;
}

std::string deflated(const Field& field, const std::string& header) {
  Deflater deflater;
  deflater.add(std::as_bytes(std::span(header)));
  for_each_block(field, [&](auto block) { deflater.add(block); });
  return deflater.finish();
}

Member write_member(AtomicFile& file, const Field& field, std::uint64_t offset,
                    NpzCompression compression, const std::string& path) {
  const std::string header = npy_header(field);
  Member member = describe(field, header, path);
  member.offset = offset;
  std::string stream;
  if (compression == NpzCompression::kDeflated) {
    stream = deflated(field, header);
    member.method = kDeflated;
    member.stored_size = stream.size();
  }
  std::string local;
  put(local, kLocalMark);
  put_common(local, member);
  file.write(local + member.name);
  if (member.method == kDeflated) {
    file.write(stream);
  } else {
    file.write(header);
    file.write(field);
  }
  return member;
}

std::string central_directory(const std::vector<Member>& members, std::uint64_t offset) {
  std::string out;
  for (const Member& member : members) {
    put(out, kCentralMark);
    put<std::uint16_t>(out, 20);
    put_common(out, member);
    put<std::uint16_t>(out, 0);  // no comment
    put<std::uint16_t>(out, 0);
    put<std::uint16_t>(out, 0);
    put<std::uint32_t>(out, 0);
    put(out, static_cast<std::uint32_t>(member.offset));
    out += member.name;
  }
  const std::size_t size = out.size();
  put(out, kEndMark);
  put<std::uint32_t>(out, 0);  // disk numbers
  put(out, static_cast<std::uint16_t>(members.size()));
  put(out, static_cast<std::uint16_t>(members.size()));
  put(out, static_cast<std::uint32_t>(size));
  put(out, static_cast<std::uint32_t>(offset));
  put<std::uint16_t>(out, 0);
  return out;
}

}  // namespace

void save_npz(const std::string& path, const Fields& fields, NpzCompression compression) {
  AtomicFile file(path);
  std::vector<Member> members;
  std::set<std::string> names;
  std::uint64_t offset = 0;
  for (const Field& field : fields) {
    if (!names.insert(field.name).second) {
      throw std::invalid_argument("two fields are named '" + field.name + "'");
    }
    members.push_back(write_member(file, field, offset, compression, path));
    offset += kLocalSize + members.back().name.size() + members.back().stored_size;
    if (offset >= kMaxZip32 || members.size() >= 0xffff) {
      throw FileError(path, "", "would have 4 GiB or more, which an .npz cannot hold");
    }
  }
  file.write(central_directory(members, offset));
  file.commit();
}

}  // namespace fleet::files
