import { crashMatrix } from './crash-matrix';

await crashMatrix(2);
