/** What tests need from Debian is installed in the same way as what the build needs. */
export { needPackages } from '../../bootstrap/debian-packages.ts';
