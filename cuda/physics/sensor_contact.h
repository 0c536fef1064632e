#pragma once

#include <limits>

#include "cuda/physics/rne_post.h"
#include "cuda/physics/sensor_volume.h"

// Sensors of contacts. Which pairs count, and from which side, is a table made at load; which
// contacts there are differs from world to world, so everything is chosen by masks.

namespace fleet::physics {

/// Bits of a contact sensor's intprm[0], in the order of its output, and numbers of each.
enum ContactData { kFound, kForce, kTorque, kDist, kPos, kNormal, kTangent, kNumContactData };
FLEET_HD inline int contact_data_size(ContactData datum) {
  return datum == kFound || datum == kDist ? 1 : 3;
}

/// A contact sensor's intprm[1].
enum class Reduce { kNone, kMinDist, kMaxForce, kNetForce };

/// Calls write(datum, address) for each datum that the sensor reports.
FLEET_HD void for_each_contact_datum(int dataspec, auto&& write) {
  int adr = 0;
  for (int k = 0; k < kNumContactData; ++k) {
    if ((dataspec >> k & 1) != 0) {
      write(static_cast<ContactData>(k), adr);
      adr += contact_data_size(static_cast<ContactData>(k));
    }
  }
}

/// Calls f(contact, sign, mask) for each contact that sensor i counts, in the worlds of the mask.
template <class R>
FLEET_HD void for_each_match(const auto& m, const PhysicsData<R>& d, int i, auto&& f) {
  const std::int8_t* const match = m.sensor_match.data() + m.sensor_match_adr[i];
  const bool in_site = m.sensor_objtype[i] == static_cast<int>(Object::kSite) &&
                       m.sensor_type[i] == static_cast<int>(Sensor::kContact);
  for (int c = 0; c < d.contact.num; ++c) {
    const int sign = match[d.contact.pair[c]];
    if (sign == 0) {
      continue;
    }
    MaskOf<R> mask = d.contact.active[c];
    if (in_site) {
      mask = mask & inside_site(m, d, m.sensor_objid[i], load3(&d.contact.pos[3 * c]));
    }
    f(c, sign, mask);
  }
}

template <class R>
FLEET_HD R count_matches(const auto& m, const PhysicsData<R>& d, int i) {
  R count(0.0);
  for_each_match(m, d, i,
                 [&](int, int, const auto& mask) { count += select(mask, R(1.0), R(0.0)); });
  return count;
}

/// One datum of a contact in its own frame. With sides exchanged the frame turns half a turn about
/// its third axis, and the force is that on the other body.
template <class R>
FLEET_HD Vec3<R> contact_datum(const PhysicsData<R>& d, int c, int sign, ContactData datum) {
  const R flip(sign);
  const R* const wrench = &d.contact.force[6 * c] + (datum == kTorque ? 3 : 0);
  switch (datum) {
    case kForce:
    case kTorque:
      return {wrench[0], wrench[1], wrench[2] * flip};
    case kDist:
      return {d.contact.dist[c], R(0.0), R(0.0)};
    case kPos:
      return load3(&d.contact.pos[3 * c]);
    case kNormal:
      return load3(&d.contact.frame[9 * c]) * flip;
    default:
      return load3(&d.contact.frame[9 * c + 3]) * flip;
  }
}

/// Replaces a slot's numbers by those of a contact in the worlds of the mask.
template <class R>
FLEET_HD void take_contact(const PhysicsData<R>& d, int c, int sign, const MaskOf<R>& mask,
                           int dataspec, R* slot) {
  for_each_contact_datum(dataspec, [&](ContactData datum, int adr) {
    if (datum == kFound) {
      return;
    }
    const Vec3<R> value = contact_datum(d, c, sign, datum);
    slot[adr] = select(mask, value.x, slot[adr]);
    if (contact_data_size(datum) == 3) {
      slot[adr + 1] = select(mask, value.y, slot[adr + 1]);
      slot[adr + 2] = select(mask, value.z, slot[adr + 2]);
    }
  });
}

/// What a slot holds of the order of contacts: smaller criteria first, then earlier contacts.
template <class R>
struct ContactRank {
  R criterion, index;
};

template <class R>
FLEET_HD ContactRank<R> rank_of(const PhysicsData<R>& d, int c, Reduce reduce) {
  const Vec3<R> force = load3(&d.contact.force[6 * c]);
  return {reduce == Reduce::kMinDist    ? d.contact.dist[c]
          : reduce == Reduce::kMaxForce ? -dot(force, force)
                                        : R(0.0),
          R(c)};
}

/// Fills slots with single contacts, best first; what is left over is zero.
template <class R>
FLEET_HD void contact_slots(const auto& m, PhysicsData<R>& d, int i, int slot_size) {
  const int dataspec = m.sensor_intprm[3 * i];
  const auto reduce = static_cast<Reduce>(m.sensor_intprm[3 * i + 1]);
  const R infinity(std::numeric_limits<ScalarOf<R>>::infinity());
  const R count = count_matches(m, d, i);
  ContactRank<R> last{-infinity, R(-1.0)};
  R* slot = &d.sensordata[m.sensor_adr[i]];
  for (int filled = 0; filled < m.sensor_dim[i]; filled += slot_size, slot += slot_size) {
    ContactRank<R> best{infinity, R(-1.0)};
    for_each_match(m, d, i, [&](int c, int sign, const auto& mask) {
      const ContactRank<R> rank = rank_of(d, c, reduce);
      const auto equal =
          less_equal(rank.criterion, last.criterion) & less_equal(last.criterion, rank.criterion);
      const auto is_next =
          less(last.criterion, rank.criterion) | (equal & less(last.index, rank.index));
      const auto take = mask & is_next & less(rank.criterion, best.criterion);
      best = {select(take, rank.criterion, best.criterion), select(take, rank.index, best.index)};
      take_contact(d, c, sign, take, dataspec, slot);
    });
    if ((dataspec & 1) != 0) {
      slot[0] = select(less(best.index, R(0.0)), R(0.0), count);
    }
    last = best;
  }
}

/// The centre of the contacts' positions, weighted by the size of their forces.
template <class R>
FLEET_HD Vec3<R> centre_of_force(const auto& m, const PhysicsData<R>& d, int i) {
  Vec3<R> point{R(0.0), R(0.0), R(0.0)};
  R total(0.0);
  for_each_match(m, d, i, [&](int c, int, const auto& mask) {
    const R weight = norm(load3(&d.contact.force[6 * c]));
    point = select<R>(mask, add_scaled(point, load3(&d.contact.pos[3 * c]), weight), point);
    total = select(mask, total + weight, total);
  });
  return point * (R(1.0) / maximum(total, R(1e-15)));
}

/// All contacts together: world axes, about their centre.
template <class R>
FLEET_HD void net_contact(const auto& m, PhysicsData<R>& d, int i) {
  const int dataspec = m.sensor_intprm[3 * i];
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  const bool needs_centre = (dataspec & (1 << kTorque | 1 << kPos)) != 0;
  const Vec3<R> centre = needs_centre ? centre_of_force(m, d, i) : zero;
  R count(0.0);
  Vec6<R> net{zero, zero};
  for_each_match(m, d, i, [&](int c, int sign, const auto& mask) {
    count += select(mask, R(1.0), R(0.0));
    const Vec6<R> wrench = contact_wrench(d, c);
    const Vec3<R> arm = centre - load3(&d.contact.pos[3 * c]);
    const Vec6<R> sum = add_scaled(net, wrench_at(wrench, arm), R(sign));
    net = {select<R>(mask, sum.angular, net.angular), select<R>(mask, sum.linear, net.linear)};
  });
  R* const out = &d.sensordata[m.sensor_adr[i]];
  const R one = select(less(R(0.0), count), R(1.0), R(0.0));
  for_each_contact_datum(dataspec, [&](ContactData datum, int adr) {
    switch (datum) {
      case kFound:
        out[adr] = count;
        break;
      case kForce:
        store3(out + adr, net.linear);
        break;
      case kTorque:
        store3(out + adr, net.angular);
        break;
      case kPos:
        store3(out + adr, centre);
        break;
      case kNormal:
        out[adr] = one;
        break;
      case kTangent:
        out[adr + 1] = one;
        break;
      default:
        break;
    }
  });
}

template <class R>
FLEET_HD void contact_sensor(const auto& m, PhysicsData<R>& d, int i) {
  std::fill_n(d.sensordata.begin() + m.sensor_adr[i], m.sensor_dim[i], R(0.0));
  if (m.sensor_intprm[3 * i + 1] == static_cast<int>(Reduce::kNetForce)) {
    net_contact(m, d, i);
    return;
  }
  int slot_size = 0;
  for_each_contact_datum(m.sensor_intprm[3 * i], [&](ContactData datum, int adr) {
    slot_size = adr + contact_data_size(datum);
  });
  contact_slots(m, d, i, slot_size);
}

/// The sum of normal forces on a body whose line, from the contact outwards, meets the site.
template <class R>
FLEET_HD R touch_sensor(const auto& m, const PhysicsData<R>& d, int i) {
  R sum(0.0);
  for_each_match(m, d, i, [&](int c, int sign, const auto& mask) {
    const R normal_force = d.contact.force[6 * c];
    const Ray<R> ray{load3(&d.contact.pos[3 * c]), load3(&d.contact.frame[9 * c]) * R(sign)};
    const auto counts =
        mask & less(R(0.0), normal_force) & ray_meets_site(m, d, m.sensor_objid[i], ray);
    sum = select(counts, sum + normal_force, sum);
  });
  return sum;
}

}  // namespace fleet::physics
